/** Every bound of matrixd that is not configuration. Most corpora and chunks a request: packages/contracts/src/matrix.ts. */

/** Reciprocal rank fusion: large enough that the first ranks of two corpora weigh much the same (Cormack et al. 2009). */
export const RRF_CONSTANT = 60;

/** What the full praise of an answer takes off its distance. */
export const LIFT_MAX = 0.5;

/** Past queries near a query that are looked at, nearest first; so many answers at most are fetched where retrieval missed them. */
export const NEAR_PLAYBOOKS_MAX = 50;

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
