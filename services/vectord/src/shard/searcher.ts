import type { DistanceName, Filter } from "@lakehouse/contracts";
import { ERROR_SAMPLES_MIN, PROPOSALS_MIN, PROPOSALS_PER_HIT } from "../limits.ts";
import { forEngine } from "./ann-index.ts";
import { vectorText } from "./float-text.ts";
import type { Items } from "./items.ts";
import type { LaggingGraph, ProposedSlot } from "./lagging-graph.ts";
import type { MetadataColumns } from "./metadata-columns.ts";
import { Nearest } from "./nearest.ts";
import type { Measure } from "./vector-store.ts";

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

/** Graph searches widen to this many; beyond that a scan is as quick, and complete. */
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
    const measure = this.#items.vectors.measure(vector);
    const scans = exact || (candidates !== undefined && candidates.length < full_scan_threshold);
    const query = scans ? undefined : forEngine(vector, this.#distance);
    const found =
      (query && this.#searchGraph(graph, query, measure, k, ef, candidates)) ?? this.#scan(measure, k, candidates);
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
    measure: Measure,
    k: number,
    ef: number,
    candidates: Uint32Array | undefined,
  ): Found[] | undefined {
    const allowed = candidates && this.#membership(candidates);
    const available = candidates?.length ?? this.#items.count;
    const perHit = this.#items.count / available;
    let wanted = Math.ceil((k * PROPOSALS_PER_HIT + PROPOSALS_MIN) * perHit);
    for (; wanted <= GRAPH_K_MAX; wanted *= 4) {
      const nearest = new Nearest(k, (slot) => this.#items.idIn(slot));
      for (const slot of graph.unindexed()) {
        if (allowed?.[slot] !== 0) nearest.offer(measure(slot), slot);
      }
      const proposed = graph.search(query, wanted, ef);
      const isSettled = offerProposed(nearest, proposed, measure, allowed);
      // A graph of rough distances may have lost the way to some.
      const hasNoMore = graph.isRough ? proposed.length === graph.alive : proposed.length < wanted;
      if ((isSettled || hasNoMore) && nearest.size === Math.min(k, available)) return nearest.take();
    }
    return undefined;
  }

  #scan(measure: Measure, k: number, candidates: Uint32Array | undefined): Found[] {
    const nearest = new Nearest(k, (slot) => this.#items.idIn(slot));
    if (candidates) {
      for (const slot of candidates) nearest.offer(measure(slot), slot);
    } else {
      for (let slot = 0; slot < this.#items.slotCount; slot++) {
        if (this.#items.isTaken(slot)) nearest.offer(measure(slot), slot);
      }
    }
    return nearest.take();
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
 * Looks at proposals in the engine's order until those that follow are too far, even if the engine is wrong about them by twice
 * what it was wrong about any so far.
 * @returns whether it came to that
 */
function offerProposed(
  nearest: Nearest,
  proposed: readonly ProposedSlot[],
  measure: Measure,
  allowed: Uint8Array | undefined,
): boolean {
  let error = 0;
  let measured = 0;
  for (const { slot, reckoned } of proposed) {
    if (measured >= ERROR_SAMPLES_MIN && reckoned - 2 * error > nearest.farthest) return true;
    if (allowed?.[slot] === 0) continue;
    const distance = measure(slot);
    error = Math.max(error, Math.abs(distance - reckoned));
    measured += 1;
    nearest.offer(distance, slot);
  }
  return false;
}
