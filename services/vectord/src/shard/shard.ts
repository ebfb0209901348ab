import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Batch, type BatchBytes, freeBytes } from "../formats/batch.ts";
import type { Parameters } from "../formats/log-record.ts";
import { type AnnEngine, type EngineName, forEngine } from "./ann-index.ts";
import { vectorText } from "./float-text.ts";
import { Items, NO_METADATA } from "./items.ts";
import { LaggingGraph, NO_LABEL } from "./lagging-graph.ts";
import { DEAD_VECTORS_MIN, INDEXING_SLICE_MS, SAMPLE_VECTORS_MAX } from "./limits.ts";
import { MetadataColumns } from "./metadata-columns.ts";
import { rowsByLabel } from "./saved-labels.ts";
import { Searcher, type ShardHits, type ShardSearch } from "./searcher.ts";
import { assertSound } from "./sound-batch.ts";
import type { Chunk } from "./vector-store.ts";

export interface BatchCounts {
  added: number;
  updated: number;
  deleted: number;
}

/** Rows of a shard as a file has them. */
export interface ShardRows {
  /** Row i is row i % CHUNK_ROWS of chunk i / CHUNK_ROWS. */
  chunks: readonly Chunk[];
  /** Ids and metadata as a batch, without vectors. */
  texts: BatchBytes;
}

/** A graph that was saved with these rows, and its label of each; NO_LABEL where it lacks the row. */
export interface SavedGraph {
  /** What the engine wrote, in order. */
  pieces: readonly BatchBytes[];
  size: number;
  labels: Int32Array;
  /** The name of the engine that wrote them. */
  engine: string;
}

/** What `save` wrote. */
export interface SavedShard {
  /** Rows. */
  count: number;
  /** Of the graph; 0 where there is none. */
  graphSize: number;
  /** The name of the engine that the graph is of. */
  engine: EngineName;
  /** Why the graph could not be saved; undefined where it was. */
  graphFault: string | undefined;
  /** Of each row. */
  labels: Int32Array;
}

/** Files of a shard that was saved, in its folder. */
export const shardFiles = { vectors: "vectors", graph: "graph", ids: "ids", metadata: "metadata" } as const;

/** Part of the items of one index: all of it that answers a search. Lives in one thread. */
export class Shard {
  readonly #engine: AnnEngine;
  readonly #parameters: Parameters;
  readonly #items: Items;
  readonly #columns: MetadataColumns;
  readonly #searcher: Searcher;
  #graph: LaggingGraph;
  /** Takes the graph's place once it has caught up. */
  #successor: LaggingGraph | undefined;
  /** Items when it was last seen that the graph fits them. */
  #fitted = 1;

  constructor(parameters: Parameters, engine: AnnEngine) {
    this.#engine = engine;
    this.#parameters = parameters;
    this.#items = new Items(parameters.dimension, parameters.distance);
    this.#columns = new MetadataColumns(this.#items);
    this.#searcher = new Searcher(this.#items, this.#columns, parameters.distance);
    this.#graph = this.#newGraph();
  }

  /**
   * For a shard that is empty. A graph that can't be loaded is built anew in the background.
   * @returns what was wrong with the graph; undefined where nothing was
   * @throws DamagedError where the rows themselves can't be served
   */
  async adopt({ chunks, texts }: ShardRows, saved: SavedGraph | undefined): Promise<unknown> {
    const rows = new Batch(texts);
    this.#items.adopt(rows);
    this.#items.vectors.adopt(chunks, rows.count);
    const fault = saved && (await this.#adoptGraph(saved));
    for (let slot = 0; slot < rows.count; slot++) {
      if (this.#graph.labelOf(slot) === NO_LABEL) this.#graph.enqueue(slot);
    }
    return fault;
  }

  get count(): number {
    return this.#items.count;
  }

  /** Items that are searched by scanning until the graph has them. */
  get unindexed(): number {
    return this.#graph.waiting;
  }

  /** Vectors of the graph that are not items any more. */
  get dead(): number {
    return this.#graph.dead;
  }

  /** As `apply`, for what comes out of the log. @throws DamagedError where an item of it could never have been added */
  replay(bytes: BatchBytes, owns: (id: string) => boolean): BatchCounts {
    assertSound(new Batch(bytes), this.#parameters, owns);
    return this.apply(bytes, owns);
  }

  /** Applies the items of a batch that are this shard's. */
  apply(bytes: BatchBytes, owns: (id: string) => boolean): BatchCounts {
    const batch = new Batch(bytes);
    const before = this.#items.count;
    let touched = 0;
    for (let index = 0; index < batch.count; index++) {
      const id = batch.id(index);
      if (!owns(id)) continue;
      touched += 1;
      if (batch.operation === "add") this.#put(id, batch.vector(index), batch.metadata(index));
      else this.#remove(id);
    }
    const grown = this.#items.count - before;
    this.#renew();
    if (batch.operation === "delete") return { added: 0, updated: 0, deleted: before - this.#items.count };
    return { added: grown, updated: touched - grown, deleted: 0 };
  }

  search(search: ShardSearch): ShardHits {
    return this.#searcher.search(search, this.#graph);
  }

  /** JSON text of the item. */
  item(id: string): string | undefined {
    const slot = this.#items.slotOf(id);
    if (slot === undefined) return undefined;
    const vector = vectorText(this.#items.vectors.vector(slot));
    return `{"id":${JSON.stringify(id)},"vector":${vector},"metadata":${this.#items.metadataIn(slot)}}`;
  }

  /** A moment's work on the graphs. @returns whether there is more */
  advance(): boolean {
    const deadline = performance.now() + INDEXING_SLICE_MS;
    this.#graph.advance(deadline);
    this.#successor?.advance(deadline);
    if (this.#successor?.waiting === 0 && !this.#graph.isFrozen) {
      this.#graph.close();
      this.#graph = this.#successor;
      this.#successor = undefined;
    }
    return this.#graph.lags || this.#successor?.lags === true;
  }

  /**
   * Writes the shard as it is now to files: the vectors, row after row; ids and metadata as JSON texts joined by commas; and
   * the graph. The thread is free in between, and the shard goes on.
   */
  async save(folder: string): Promise<SavedShard> {
    const graph = this.#graph;
    const slots = this.#items.hold();
    const labels = Int32Array.from(slots, (slot) => graph.labelOf(slot));
    const ids = slots.map((slot) => JSON.stringify(this.#items.idIn(slot))).join(",");
    const metadata = slots.map((slot) => this.#items.metadataIn(slot)).join(",");
    graph.freeze();
    try {
      const [graphFault] = await Promise.all([
        saveGraph(graph, join(folder, shardFiles.graph)),
        this.#items.vectors.save(slots, join(folder, shardFiles.vectors)),
        writeFile(join(folder, shardFiles.ids), ids),
        writeFile(join(folder, shardFiles.metadata), metadata),
      ]);
      const graphSize = graphFault === undefined ? graph.size : 0;
      if (graphSize === 0) labels.fill(NO_LABEL);
      return { count: slots.length, graphSize, engine: this.#engine.name, graphFault, labels };
    } finally {
      graph.thaw();
      this.#items.release();
    }
  }

  close(): void {
    this.#graph.close();
    this.#successor?.close();
  }

  /**
   * Rows are in the slots of their numbers.
   * @returns why it can't be used; undefined where it is in use
   */
  async #adoptGraph({ pieces, size, labels, engine }: SavedGraph): Promise<unknown> {
    const { name } = this.#engine;
    if (engine !== name) {
      pieces.forEach(freeBytes);
      return `The graph was written by the engine ${JSON.stringify(engine)}; this one is "${name}".`;
    }
    try {
      const held = { vectors: this.#items.vectors, slots: rowsByLabel(labels, size) };
      const index = await this.#engine.load(pieces, this.#parameters, size, this.#sample, held);
      this.#graph.close();
      this.#graph = new LaggingGraph(index, this.#vectorFor, labels);
      return undefined;
    } catch (error) {
      return error;
    }
  }

  #put(id: string, vector: Float32Array, metadata: string | undefined): void {
    const old = this.#items.slotOf(id);
    if (old !== undefined && this.#isSame(old, vector, metadata)) return;
    const kept = metadata ?? (old === undefined ? NO_METADATA : this.#items.metadataIn(old));
    this.#remove(id);
    const slot = this.#items.insert(id, vector, kept);
    this.#columns.set(slot);
    this.#graph.enqueue(slot);
    this.#successor?.enqueue(slot);
  }

  /** A batch that is sent again, since its answer was lost, costs nothing. */
  #isSame(slot: number, vector: Float32Array, metadata: string | undefined): boolean {
    if (metadata !== undefined && metadata !== this.#items.metadataIn(slot)) return false;
    return this.#items.vectors.vector(slot).every((number, i) => Object.is(number, vector[i]));
  }

  #remove(id: string): void {
    const slot = this.#items.slotOf(id);
    if (slot === undefined) return;
    this.#items.remove(id);
    this.#graph.remove(slot);
    this.#successor?.remove(slot);
  }

  /** Where more of the graph is dead than alive, or the items are not any more what it was made for, another is built beside it. */
  #renew(): void {
    if (this.#successor) return;
    const isFull = this.#graph.dead >= Math.max(DEAD_VECTORS_MIN, this.#items.count);
    if (!isFull && this.#stillFits()) return;
    this.#successor = this.#newGraph();
    for (const slot of this.#items.takenSlots()) this.#successor.enqueue(slot);
  }

  /** Looked at each time that the items have doubled. */
  #stillFits(): boolean {
    if (this.#items.count < 2 * this.#fitted) return true;
    this.#fitted = this.#items.count;
    return this.#graph.fits();
  }

  #newGraph(): LaggingGraph {
    return new LaggingGraph(this.#engine.create(this.#parameters, this.#sample), this.#vectorFor);
  }

  readonly #sample = (): Float32Array => {
    const { dimension } = this.#parameters;
    const slots = this.#items.someTakenSlots(SAMPLE_VECTORS_MAX);
    const sample = new Float32Array(slots.length * dimension);
    for (const [row, slot] of slots.entries()) sample.set(this.#vectorFor(slot) ?? [], row * dimension);
    return sample;
  };

  readonly #vectorFor = (slot: number): Float32Array | undefined =>
    forEngine(this.#items.vectors.vector(slot), this.#parameters.distance);
}

/** @returns why not: the disk is full, say. The rows alone are a whole file, and the graph is built anew from them. */
async function saveGraph(graph: LaggingGraph, path: string): Promise<string | undefined> {
  try {
    if (graph.size > 0) await graph.save(path);
    return undefined;
  } catch (error) {
    return String(error);
  }
}
