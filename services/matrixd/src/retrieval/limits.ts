/** Every bound of matrixd that is not configuration. Most corpora and chunks a request: packages/contracts/src/matrix.ts. */

/** Reciprocal rank fusion: large enough that the first ranks of two corpora weigh much the same (Cormack et al. 2009). */
export const RRF_CONSTANT = 60;
