import type { IndexInfo, SearchHit } from "@lakehouse/contracts";
import { byDistance, byText, type RankedHit } from "../retrieval/fusion.ts";
import { LIFT_MAX } from "./limits.ts";

/** An answer that served a query near this one. */
export interface PastAnswer {
  corpus: string;
  id: string;
  /** Over 0, to 1. */
  score: number;
}

/** The hits of one corpus with those lifted that are past answers, nearest first again. */
export function liftHits(hits: readonly SearchHit[], answers: readonly PastAnswer[]): RankedHit[] {
  const scores = new Map(answers.map(({ id, score }) => [id, score]));
  const lifted = hits.map((hit): RankedHit => {
    const score = scores.get(hit.id);
    return score === undefined ? hit : { ...hit, distance: lift(hit.distance, score), playbook_boosted: true };
  });
  return lifted.sort((a, b) => byDistance(a, b) || byText(a.id, b.id));
}

/** Distance x (1 - score / 2). Under `ip` distances go below zero, where a smaller factor would push down what is to be lifted. */
function lift(distance: number, score: number): number {
  return distance - LIFT_MAX * score * Math.abs(distance);
}

/** As vectord measures it: 1 - cos, squared Euclidean, 1 - a·b. */
export function distanceBetween(a: readonly number[], b: readonly number[], metric: IndexInfo["distance"]): number {
  switch (metric) {
    case "cosine":
      return 1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
    case "l2":
      return a.reduce((sum, number, place) => sum + (number - b[place]!) ** 2, 0);
    case "ip":
      return 1 - dot(a, b);
  }
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, number, place) => sum + number * b[place]!, 0);
}
