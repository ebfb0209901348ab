/** Objects and arrays within each other in what is stored; adds take far fewer, and V8 can't write what is nested some thousand deep. */
export const JSON_DEPTH_MAX = 1_000;

/** Sequences of a log stay below it: beyond 2^53 two would be one, and 2^32 records are left to whoever arrives at it. */
export const SEQUENCE_MAX = Number.MAX_SAFE_INTEGER - 2 ** 32;
