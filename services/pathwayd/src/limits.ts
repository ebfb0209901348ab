/** A request's body, and so a content. */
export const BODY_BYTES_MAX = 2 ** 20;

/** Commands, and bytes of content, that one write to the log takes; the next wait for the next write. */
export const BATCH_COMMANDS_MAX = 1_024;
export const BATCH_BYTES_MAX = 8 * 2 ** 20;

/** Commands, and bytes of content, that may wait; one more is 503 `trace_log_busy`. */
export const WAITING_COMMANDS_MAX = 16_384;
export const WAITING_BYTES_MAX = 256 * 2 ** 20;
export const BUSY_RETRY_SECONDS = 1;

/** What a failed write left is cut off before the next one, or, where none comes, tried to be so often. */
export const MEND_RETRY_MS = 1_000;

/** A request that comes while the log is read waits so long before it is 503 `not_loaded`; most logs are read by then. */
export const LOAD_WAIT_MS_MAX = 2_000;

/** Traces of a history that are answered. */
export const HISTORY_TRACES_MAX = 10_000;

/** Traces of an answer that is made as one text; a longer one is sent piece by piece. */
export const WHOLE_ANSWER_TRACES_MAX = 20;
