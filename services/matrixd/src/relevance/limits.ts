/**
 * Least score of a chunk that is kept, where the request names none, and what the share of covered terms weighs in it; the rest is
 * nearness. Decision 11 has how they were found.
 */
export const RELEVANCE_THRESHOLD = 0.47;
export const COVERAGE_WEIGHT = 0.6;

/** Terms of a focus that chunks are held against, and of a chunk that are looked through: weighing takes their product. */
export const FOCUS_TERMS_MAX = 64;
export const CHUNK_TERMS_MAX = 1_024;

/** A chunk of fewer terms is asked to cover this many all the same: two words in common are no proof. */
export const COVERED_TERMS_MIN = 6;
