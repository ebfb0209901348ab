/** A request's body, and so a content. */
export const BODY_BYTES_MAX = 2 ** 20;

/** Lists and objects of a content within each other. */
export const CONTENT_DEPTH_MAX = 128;

/** A line of the log. A content of `BODY_BYTES_MAX` takes five times that where it is all numbers such as 1e20. */
export const LINE_BYTES_MAX = 16 * 2 ** 20;

/** The log is read, and a snapshot written, in pieces of about this size; in between others get their turn. */
export const LOG_PIECE_BYTES = 256 * 2 ** 10;

/** Commands, and bytes of content, that one write to the log takes; the next wait for the next write. */
export const BATCH_COMMANDS_MAX = 1_024;
export const BATCH_BYTES_MAX = 8 * 2 ** 20;

/** Commands, and bytes of content, that may wait; one more is 503 `trace_log_busy`. */
export const WAITING_COMMANDS_MAX = 16_384;
export const WAITING_BYTES_MAX = 256 * 2 ** 20;
export const BUSY_RETRY_SECONDS = 1;

/** Moments of replays in one line of a snapshot. */
export const FOLDED_REPLAYS_MAX = 1_000;

/** The log is compacted when this much of it, and this part of it, is garbage. */
export const GARBAGE_BYTES_MIN = 2 ** 20;
export const GARBAGE_RATIO_MIN = 0.5;

/** What a failed write left is cut off before the next one, or, where none comes, tried to be so often. */
export const MEND_RETRY_MS = 1_000;

/** A compaction copies what was written meanwhile until less than this is left; only for that do writes wait. */
export const TAIL_BYTES_MAX = 2 ** 20;

/** A compaction that failed is tried again after this. */
export const COMPACTION_RETRY_MS = 60_000;

/** A request that comes while the log is read waits so long before it is 503 `not_loaded`; most logs are read by then. */
export const LOAD_WAIT_MS_MAX = 2_000;

/** Traces of a history that are answered. */
export const HISTORY_TRACES_MAX = 10_000;

/** How long indexing goes on before others get their turn. */
export const INDEXING_SLICE_MS = 4;

/** Words are compared by so many of their first characters. */
export const WORD_LENGTH_MAX = 64;

/** Traces of an answer that is made as one text; a longer one is sent piece by piece. */
export const WHOLE_ANSWER_TRACES_MAX = 20;
