import type { ShardHits } from "./shard/searcher.ts";

export interface Hit {
  id: string;
  distance: number;
  /** JSON text, as is `vector`. */
  metadata: string;
  vector: string | undefined;
}

/** The k nearest of what the shards found, nearest first, ties by id. */
export function mergeHits(parts: readonly ShardHits[], k: number): Hit[] {
  const hits = parts.flatMap(({ ids, distances, metadata, vectors }) =>
    ids.map((id, i) => ({ id, distance: distances[i]!, metadata: metadata[i]!, vector: vectors?.[i] })),
  );
  return hits.sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1)).slice(0, k);
}

/** The body of the answer. Metadata and vectors are JSON already. */
export function renderHits(hits: readonly Hit[]): string {
  const results = hits.map(
    ({ id, distance, metadata, vector }) =>
      `{"id":${JSON.stringify(id)},"distance":${distance},"metadata":${metadata}${vector ? `,"vector":${vector}` : ""}}`,
  );
  return `{"results":[${results.join(",")}]}`;
}
