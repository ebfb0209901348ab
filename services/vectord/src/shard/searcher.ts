import type { DistanceName, Filter } from "@lakehouse/contracts";
import { forEngine } from "./ann-index.ts";
import { vectorText } from "./float-text.ts";
import type { Items } from "./items.ts";
import type { LaggingGraph } from "./lagging-graph.ts";
import { PROPOSALS_MIN, PROPOSALS_PER_HIT, SCAN_PIECE_SLOTS } from "./limits.ts";
import type { MetadataColumns } from "./metadata-columns.ts";
import { Nearest } from "./nearest.ts";

export interface ShardSearch {
  vector: Float32Array;
  k: number;
  ef: number;
  exact: boolean;
  filter: Filter | undefined;
  include_vectors: boolean;
  full_scan_threshold: number;
}

/** Nearest first, ties by id; column by column, since that is how it goes between threads at least cost. */
export interface ShardHits {
  ids: string[];
  distances: Float64Array;
  /** JSON texts. */
  metadata: string[];
  vectors: string[] | undefined;
}

/** Graph searches widen to this many, and to less than there are; beyond that a scan is as quick, and complete. */
const GRAPH_K_MAX = 4096;

/** Answers searches over the items of a shard: by the graph, or by looking at all that may be meant. */
export class Searcher {
  readonly #items: Items;
  readonly #columns: MetadataColumns;
  readonly #distance: DistanceName;

  constructor(items: Items, columns: MetadataColumns, distance: DistanceName) {
    this.#items = items;
    this.#columns = columns;
    this.#distance = distance;
  }

  search(
    { vector, k, ef, exact, filter, include_vectors, full_scan_threshold }: ShardSearch,
    graph: LaggingGraph,
  ): ShardHits {
    const candidates = filter && this.#columns.select(filter);
    const scans = exact || (candidates !== undefined && candidates.length < full_scan_threshold);
    const query = scans ? undefined : forEngine(vector, this.#distance);
    const found =
      (query && this.#searchGraph(graph, query, vector, k, ef, candidates)) ?? this.#scan(vector, k, candidates);
    return {
      ids: found.map(({ slot }) => this.#items.idIn(slot)),
      distances: Float64Array.from(found, ({ distance }) => distance),
      metadata: found.map(({ slot }) => this.#items.metadataIn(slot)),
      vectors: include_vectors ? found.map(({ slot }) => vectorText(this.#items.vectors.vector(slot))) : undefined,
    };
  }

  /**
   * The engine proposes, our own distances decide.
   * @returns undefined where it does not find enough, or where one that it did not propose may be as near
   */
  #searchGraph(
    graph: LaggingGraph,
    query: Float32Array,
    vector: Float32Array,
    k: number,
    ef: number,
    candidates: Uint32Array | undefined,
  ): Found[] | undefined {
    const allowed = candidates && this.#membership(candidates);
    const available = candidates?.length ?? this.#items.count;
    const perHit = this.#items.count / available;
    let wanted = Math.ceil((k * PROPOSALS_PER_HIT + PROPOSALS_MIN) * perHit);
    for (; wanted <= GRAPH_K_MAX && wanted < this.#items.count; wanted *= 4) {
      const nearest = this.#newNearest(k);
      this.#offer(nearest, vector, graph.unindexed(), allowed);
      const { slots, reckoned } = graph.search(query, wanted, ef);
      const distances = this.#offer(nearest, vector, slots, allowed);
      // Where it gives fewer than it was asked for, no link leads to the others, however near they are.
      const isSettled = slots.length >= wanted && reachOf(reckoned, distances) > nearest.farthest;
      const isComplete = slots.length === graph.alive;
      if ((isSettled || isComplete) && nearest.size === Math.min(k, available)) return nearest.take();
    }
    return undefined;
  }

  #scan(vector: Float32Array, k: number, candidates: Uint32Array = this.#takenSlots()): Found[] {
    const nearest = this.#newNearest(k);
    for (let from = 0; from < candidates.length; from += SCAN_PIECE_SLOTS) {
      this.#offer(nearest, vector, candidates.subarray(from, from + SCAN_PIECE_SLOTS), undefined);
    }
    return nearest.take();
  }

  /** @returns the distance of each, also of those that are not allowed */
  #offer(nearest: Nearest, vector: Float32Array, slots: Uint32Array, allowed: Uint8Array | undefined): Float64Array {
    const distances = this.#items.vectors.distances(vector, slots);
    for (let i = 0; i < slots.length; i++) {
      if (allowed?.[slots[i]!] !== 0) nearest.offer(distances[i]!, slots[i]!);
    }
    return distances;
  }

  #newNearest(k: number): Nearest {
    return new Nearest(k, (slot) => this.#items.idIn(slot));
  }

  #takenSlots(): Uint32Array {
    const taken = new Uint32Array(this.#items.count);
    let size = 0;
    for (let slot = 0; slot < this.#items.slotCount; slot++) {
      if (this.#items.isTaken(slot)) taken[size++] = slot;
    }
    return taken;
  }

  #membership(slots: Uint32Array): Uint8Array {
    const allowed = new Uint8Array(this.#items.slotCount);
    for (const slot of slots) allowed[slot] = 1;
    return allowed;
  }
}

interface Found {
  distance: number;
  slot: number;
}

/**
 * What was not proposed is not nearer than this, even if the engine is wrong about it by twice what it was wrong about any that
 * it proposed.
 */
function reachOf(reckoned: Float32Array, distances: Float64Array): number {
  let error = 0;
  for (let i = 0; i < reckoned.length; i++) error = Math.max(error, Math.abs(distances[i]! - reckoned[i]!));
  return (reckoned.at(-1) ?? Number.NEGATIVE_INFINITY) - 2 * error;
}
