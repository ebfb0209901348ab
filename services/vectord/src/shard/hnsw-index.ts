import hnswlib from "hnswlib-node";
import type { Parameters } from "../formats/log-record.ts";
import type { AnnEngine, AnnIndex } from "./ann-index.ts";
import { assertGraphFile } from "./hnsw-file.ts";

type Graph = InstanceType<typeof hnswlib.HierarchicalNSW>;

const CAPACITY_MIN = 256;

/** hnswlib-node, with what it does wrong kept in here (docs/decisions/0006-ann-engine-port.md). */
export const hnswEngine: AnnEngine = {
  create(parameters) {
    const graph = newGraph(parameters);
    graph.initIndex(CAPACITY_MIN, parameters.m, parameters.ef_construction);
    return new HnswIndex(graph, parameters);
  },

  async load(path, parameters, size) {
    // A file that is cut crashes the process at the next search, and one of another dimension loads in silence.
    await assertGraphFile(path, parameters, size);
    const graph = newGraph(parameters);
    await graph.readIndex(path);
    return new HnswIndex(graph, parameters);
  },
};

class HnswIndex implements AnnIndex {
  readonly #graph: Graph;
  readonly #parameters: Parameters;
  /** The library takes arrays only; one is filled again and again. */
  readonly #point: number[];
  #capacity: number;
  #size: number;

  constructor(graph: Graph, parameters: Parameters) {
    this.#graph = graph;
    this.#parameters = parameters;
    this.#point = new Array<number>(parameters.dimension).fill(0);
    this.#capacity = graph.getMaxElements();
    this.#size = graph.getCurrentCount();
  }

  get size(): number {
    return this.#size;
  }

  add(label: number, vector: Float32Array): void {
    if (this.#size === this.#capacity) {
      this.#capacity = Math.ceil(this.#capacity * 1.5);
      this.#graph.resizeIndex(this.#capacity);
    }
    this.#graph.addPoint(this.#asPoint(vector), label);
    this.#size += 1;
  }

  remove(label: number): void {
    this.#graph.markDelete(label);
  }

  search(query: Float32Array, k: number, ef: number): number[] {
    if (this.#size === 0) return [];
    // Set each time: it is lost when a graph is loaded.
    this.#graph.setEf(ef);
    return this.#graph.searchKnn(this.#asPoint(query), Math.min(k, this.#size)).neighbors;
  }

  async save(path: string): Promise<void> {
    await this.#graph.writeIndex(path);
    // It reports success where the disk is full or the path can't be written.
    await assertGraphFile(path, this.#parameters, this.#size);
  }

  close(): void {
    // The library frees the old graph here; the garbage collector would not know how large it is.
    this.#graph.initIndex(1);
  }

  #asPoint(vector: Float32Array): number[] {
    for (let i = 0; i < vector.length; i++) this.#point[i] = vector[i]!;
    return this.#point;
  }
}

/** Vectors come at length 1 under cosine, where the inner product is the same; the library would compute lengths in float32. */
function newGraph({ dimension, distance }: Parameters): Graph {
  return new hnswlib.HierarchicalNSW(distance === "cosine" ? "ip" : distance, dimension);
}
