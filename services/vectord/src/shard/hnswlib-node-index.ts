import { open } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { HierarchicalNSW } from "hnswlib-node";
import { type BatchBytes, freeBytes } from "../formats/batch.ts";
import { DamagedError } from "../formats/damaged-error.ts";
import type { Parameters } from "../formats/log-record.ts";
import { type AnnEngine, type AnnIndex, forEngine, type Held, type Proposals } from "./ann-index.ts";
import { assertGraph } from "./graph-check.ts";
import { assertGraphFile } from "./hnsw-file.ts";
import { GRAPH_CHECK_NODES } from "./limits.ts";
import { scratchFolder } from "./scratch.ts";

// The package finds its addon when it is called, so that no names can be imported from it.
const library = createRequire(import.meta.url)("hnswlib-node") as typeof import("hnswlib-node");

/** A graph grows from this many vectors, ahead of need: the library throws where one too many is added. */
const CAPACITY_MIN = 256;

/** hnswlib through hnswlib-node, float32 only: the native engine is tested against it (docs/decisions/0006-ann-engine-port.md). */
export const hnswlibNodeEngine: AnnEngine = {
  name: "hnswlib-node",

  create: (parameters) => new HnswlibNodeIndex(parameters),

  async load(pieces, parameters, size, _sample, held) {
    // The library trusts every byte: a link that is wrong would crash the process at the next search.
    await assertGraph(pieces, parameters, size);
    const graph = newGraph(parameters);
    await using folder = await scratchFolder();
    const path = join(folder.path, "graph");
    await writePieces(path, pieces);
    await graph.readIndex(path);
    await assertHolds(graph, held);
    return new HnswlibNodeIndex(parameters, graph);
  },
};

class HnswlibNodeIndex implements AnnIndex {
  readonly isRough = false;
  readonly #parameters: Parameters;
  /** Undefined before the first vector, since the library's locks alone take 3 MB, and after `close`. */
  #graph: HierarchicalNSW | undefined;
  /** The library must not lose the graph while it writes it. */
  #saving: Promise<unknown> | undefined;

  constructor(parameters: Parameters, graph?: HierarchicalNSW) {
    this.#parameters = parameters;
    this.#graph = graph;
  }

  get size(): number {
    return this.#graph?.getCurrentCount() ?? 0;
  }

  fits(): boolean {
    return true;
  }

  add(label: number, vector: Float32Array): void {
    this.#graph ??= this.#create();
    const capacity = this.#graph.getMaxElements();
    if (this.size === capacity) this.#graph.resizeIndex(capacity + (capacity >> 1) + 1);
    this.#graph.addPoint(Array.from(vector), label);
  }

  remove(label: number): void {
    this.#graph?.markDelete(label);
  }

  search(query: Float32Array, k: number, ef: number): Proposals {
    if (!this.#graph) return { labels: new Uint32Array(0), distances: new Float32Array(0) };
    // It is 10 after a load, whatever it was before, and the library refuses more than it has room for.
    this.#graph.setEf(ef);
    const { neighbors, distances } = this.#graph.searchKnn(Array.from(query), Math.min(k, this.size));
    return { labels: Uint32Array.from(neighbors), distances: Float32Array.from(distances) };
  }

  async save(path: string): Promise<void> {
    const { m, dimension } = this.#parameters;
    const { size } = this;
    this.#saving = this.#graph!.writeIndex(path);
    try {
      await this.#saving;
    } finally {
      this.#saving = undefined;
    }
    // The library reports success where the disk is full or the path can't be written.
    await assertGraphFile(path, m, dimension * Float32Array.BYTES_PER_ELEMENT, size);
  }

  close(): void {
    const graph = this.#graph;
    this.#graph = undefined;
    // The library has no call that frees a graph, and the garbage collector does not know how large it is: an empty one replaces it.
    const free = () => graph?.initIndex(1);
    if (this.#saving === undefined) free();
    else void this.#saving.then(free, free);
  }

  #create(): HierarchicalNSW {
    const { m, ef_construction } = this.#parameters;
    const graph = newGraph(this.#parameters);
    graph.initIndex(CAPACITY_MIN, m, ef_construction);
    return graph;
  }
}

/** Vectors come at length 1 under cosine, where the inner product is the same; the library's own cosine normalises in float32. */
function newGraph({ dimension, distance }: Parameters): HierarchicalNSW {
  return new library.HierarchicalNSW(distance === "l2" ? "l2" : "ip", dimension);
}

/**
 * A graph of other vectors would be searched without a fault, and find little.
 * @throws DamagedError
 */
async function assertHolds(graph: HierarchicalNSW, { vectors, slots }: Held): Promise<void> {
  for (const [label, slot] of slots.entries()) {
    if (label % GRAPH_CHECK_NODES === 0) await nextTurn();
    if (slot !== -1 && !isNear(graph.getPoint(label), forEngine(vectors.vector(slot), vectors.distance))) {
      throw new DamagedError(`The vector of the graph's node ${label} is not that of its row.`);
    }
  }
}

/** Vectors of length 1 may differ by what a second division loses. */
function isNear(found: readonly number[], wanted: Float32Array | undefined): boolean {
  return (
    wanted !== undefined && found.every((number, i) => Math.abs(number - wanted[i]!) <= 1e-6 * Math.abs(number) + 1e-9)
  );
}

/** Gives their memory back as it goes. */
async function writePieces(path: string, pieces: readonly BatchBytes[]): Promise<void> {
  await using file = await open(path, "wx");
  for (const piece of pieces) {
    await file.writeFile(piece);
    freeBytes(piece);
  }
}
