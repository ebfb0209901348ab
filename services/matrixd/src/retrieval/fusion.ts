import type { Fusion, MatrixHit, SearchHit } from "@lakehouse/contracts";
import { RRF_CONSTANT } from "./limits.ts";

/** A hit of one corpus, perhaps lifted. */
export type RankedHit = SearchHit & Pick<MatrixHit, "playbook_boosted">;

export interface RankedCorpus {
  corpus: string;
  /** Nearest first. */
  hits: readonly RankedHit[];
}

/** The k best of all corpora: nearest first, or highest score first where ranks are fused; ties by corpus, then id. */
export function fuse(lists: readonly RankedCorpus[], fusion: Fusion, k: number): MatrixHit[] {
  const hits = lists.flatMap(({ corpus, hits }) => hits.map((hit, place) => matrixHit(hit, corpus, fusion, place + 1)));
  const order = fusion === "rrf" ? byScore : byDistance;
  return hits.sort((a, b) => order(a, b) || byText(a.corpus, b.corpus) || byText(a.id, b.id)).slice(0, k);
}

function matrixHit(hit: RankedHit, corpus: string, fusion: Fusion, rank: number): MatrixHit {
  const { id, distance, metadata, playbook_boosted } = hit;
  return {
    id,
    distance,
    corpus,
    metadata,
    ...(fusion === "rrf" && { score: 1 / (RRF_CONSTANT + rank) }),
    ...(playbook_boosted && { playbook_boosted }),
  };
}

export function byDistance(a: { distance: number }, b: { distance: number }): number {
  return a.distance - b.distance;
}

function byScore(a: MatrixHit, b: MatrixHit): number {
  return b.score! - a.score!;
}

/** By UTF-16 units, as vectord breaks its ties. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
