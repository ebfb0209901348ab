import { setImmediate as nextTurn } from "node:timers/promises";
import { type BatchBytes, freeBytes } from "../formats/batch.ts";
import { DamagedError } from "../formats/damaged-error.ts";
import type { Parameters } from "../formats/log-record.ts";
import type { AnnEngine, AnnIndex, Held, Proposals, Sample } from "./ann-index.ts";
import { assertGraphFile, assertGraphHeader } from "./hnsw-file.ts";
import { FILE_PIECE_BYTES, GRAPH_CHECK_NODES } from "./limits.ts";
import { type GraphCodes, HnswGraph, int8Suits } from "./native.ts";

/** hnswlib's graph through a binding of our own (docs/decisions/0006-ann-engine-port.md). */
export const hnswEngine: AnnEngine = {
  name: "native",

  create: (parameters, sample) => new HnswIndex(parameters, sample),

  async load(pieces, parameters, size, sample, held) {
    const allowed = codesAllowed(parameters);
    const bytes = allowed.map((codes) => codeBytes(codes, parameters));
    const total = pieces.reduce((sum, { length }) => sum + length, 0);
    const found = assertGraphHeader(pieces[0], total, parameters.m, bytes, size);
    const codes = allowed[bytes.indexOf(found)]!;
    const graph = newGraph(parameters, codes);
    try {
      await fill(graph, pieces);
      await check(graph, size, held);
    } catch (error) {
      graph.close();
      throw error;
    }
    return new HnswIndex(parameters, sample, { graph, codes, size });
  },
};

/** @throws Error where it is not as long as it says */
async function fill(graph: HnswGraph, pieces: readonly BatchBytes[]): Promise<void> {
  let isWhole = false;
  for (const piece of pieces) {
    for (let from = 0; from < piece.length; from += FILE_PIECE_BYTES) {
      isWhole = graph.load(piece.subarray(from, from + FILE_PIECE_BYTES));
      await nextTurn();
    }
    freeBytes(piece);
  }
  if (!isWhole) throw new DamagedError("The graph is shorter than it says.");
}

/** @throws Error where following its links could lead out of it, or to other vectors than those that it is of */
async function check(graph: HnswGraph, size: number, { vectors, slots }: Held): Promise<void> {
  for (let from = 0; from < size; from += GRAPH_CHECK_NODES) {
    graph.check(vectors.flat, slots, from, Math.min(size, from + GRAPH_CHECK_NODES));
    await nextTurn();
  }
}

interface Built {
  graph: HnswGraph;
  codes: GraphCodes;
  size: number;
}

class HnswIndex implements AnnIndex {
  readonly #parameters: Parameters;
  readonly #sample: Sample;
  /** None before the first vector: how it holds vectors depends on what they are like. */
  #built: Built | undefined;
  /** Filled again by each search. */
  #labels = new Uint32Array(0);
  #distances = new Float32Array(0);

  constructor(parameters: Parameters, sample: Sample, built?: Built) {
    this.#parameters = parameters;
    this.#sample = sample;
    this.#built = built;
  }

  get size(): number {
    return this.#built?.size ?? 0;
  }

  get isRough(): boolean {
    return this.#built?.codes === "int8-ip";
  }

  fits(): boolean {
    return !this.isRough || int8Suits(this.#sample(), this.#parameters.dimension);
  }

  add(label: number, vector: Float32Array): void {
    this.#built ??= this.#build();
    this.#built.graph.add(label, vector);
    this.#built.size += 1;
  }

  remove(label: number): void {
    this.#built?.graph.remove(label);
  }

  search(query: Float32Array, k: number, ef: number): Proposals {
    if (k > this.#labels.length) {
      this.#labels = new Uint32Array(k);
      this.#distances = new Float32Array(k);
    }
    const labels = this.#labels.subarray(0, k);
    const distances = this.#distances.subarray(0, k);
    const found = this.#built?.graph.search(query, ef, labels, distances) ?? 0;
    return { labels: labels.subarray(0, found), distances: distances.subarray(0, found) };
  }

  async save(path: string): Promise<void> {
    const { graph, codes, size } = this.#built!;
    await graph.save(path);
    // hnswlib reports success where the disk is full or the path can't be written.
    await assertGraphFile(path, this.#parameters.m, codeBytes(codes, this.#parameters), size);
  }

  close(): void {
    // The garbage collector does not know how large it is.
    this.#built?.graph.close();
    // The addon would crash if it were asked for anything else.
    this.#built = undefined;
  }

  #build(): Built {
    const { dimension } = this.#parameters;
    const [first, ...others] = codesAllowed(this.#parameters);
    const codes = first === "int8-ip" && !int8Suits(this.#sample(), dimension) ? others[0]! : first!;
    return { graph: newGraph(this.#parameters, codes), codes, size: 0 };
  }
}

/** From here on a search waits for memory rather than for arithmetic. */
const INT8_DIMENSION_MIN = 128;

/**
 * The best first. Vectors come at length 1 under cosine, where the inner product is the same; only there it is known how large
 * they are, and so what bytes would lose.
 */
function codesAllowed({ dimension, distance }: Parameters): GraphCodes[] {
  if (distance !== "cosine") return [`float32-${distance}`];
  return dimension < INT8_DIMENSION_MIN ? ["float32-ip"] : ["int8-ip", "float32-ip"];
}

function codeBytes(codes: GraphCodes, { dimension }: Parameters): number {
  // After the bytes come the scale and the sum, and zeros up to a multiple of 4.
  return codes === "int8-ip" ? Math.ceil((dimension + 8) / 4) * 4 : dimension * Float32Array.BYTES_PER_ELEMENT;
}

function newGraph({ dimension, m, ef_construction }: Parameters, codes: GraphCodes): HnswGraph {
  return new HnswGraph(dimension, codes, m, ef_construction);
}
