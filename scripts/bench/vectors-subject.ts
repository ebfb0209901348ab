import type { Bench } from "./measure/bench.ts";
import type { HealthProbe } from "./vectors-health.ts";
import type { IndexSettings, Peer, RawHnsw } from "./vectors-peers.ts";
import type { VectorService } from "./vectors-service.ts";

/** Neighbours that a search asks for. */
export const K = 10;

export interface VectorSizes {
  index: IndexSettings;
  /** Beside raw hnswlib. */
  others: Peer[];
  queries: number;
  /** A round, of each kind. */
  searches: number;
  /** Small ones, into the full index and into an empty one. */
  batches: number;
  rounds: number;
}

/** What the parts of the bench are about. */
export interface Subject {
  bench: Pick<Bench, "add" | "note">;
  sizes: VectorSizes;
  service: VectorService;
  health: HealthProbe;
  raw: RawHnsw;
  vectors: Float32Array[];
  queries: Float32Array[];
  /** Rows nearest to each query. */
  wanted: number[][];
}
