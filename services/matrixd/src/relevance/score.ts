import { CHUNK_TERMS_MAX, COVERAGE_WEIGHT, COVERED_TERMS_MIN, FOCUS_TERMS_MAX } from "./limits.ts";
import { areForms, informativeTerms } from "./terms.ts";

/** A text as it is weighed. */
export interface Weighable {
  text: string;
  /** Of length 1. */
  vector: readonly number[];
}

/**
 * How much chunks are about a focus, from 0 to 1: the share of its informative terms that they have, together with how near they are.
 * Nearness alone keeps what only sits in the same neighbourhood; terms alone don't hear what is said in other words.
 */
export function relevanceTo(focus: Weighable): (chunk: Weighable) => number {
  const terms = informativeTerms(focus.text, FOCUS_TERMS_MAX);
  return (chunk) => {
    const nearness = Math.min(1, Math.max(0, dot(focus.vector, chunk.vector)));
    if (terms.length === 0) return nearness;
    return COVERAGE_WEIGHT * coverage(terms, chunk.text) + (1 - COVERAGE_WEIGHT) * nearness;
  };
}

/** Of a focus that is longer than the chunk, no more terms are asked for than the chunk has. */
function coverage(focusTerms: readonly string[], text: string): number {
  const terms = informativeTerms(text, CHUNK_TERMS_MAX);
  const covered = focusTerms.filter((wanted) => terms.some((term) => areForms(wanted, term)));
  const asked = Math.min(focusTerms.length, Math.max(terms.length, COVERED_TERMS_MIN));
  return Math.min(1, covered.length / asked);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, number, place) => sum + number * b[place]!, 0);
}
