/** A line of the log. A content of `BODY_BYTES_MAX` takes five times that where it is all numbers such as 1e20. */
export const LINE_BYTES_MAX = 16 * 2 ** 20;

/** The log is read, and a snapshot written, in pieces of about this size; in between others get their turn. */
export const LOG_PIECE_BYTES = 256 * 2 ** 10;

/** Moments of replays in one line of a snapshot. */
export const FOLDED_REPLAYS_MAX = 1_000;

/** The log is compacted when this much of it, and this part of it, is garbage. */
export const GARBAGE_BYTES_MIN = 2 ** 20;
export const GARBAGE_RATIO_MIN = 0.5;

/** A compaction copies what was written meanwhile until less than this is left; only for that do writes wait. */
export const TAIL_BYTES_MAX = 2 ** 20;

/** A compaction that failed is tried again after this. */
export const COMPACTION_RETRY_MS = 60_000;
