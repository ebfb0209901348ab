/** Search bodies are parsed where they arrive: 4096 numbers and a filter fit many times. */
export const SEARCH_BODY_BYTES_MAX = 2 ** 20;

/** Bodies of adds and deletes held at once, over all indexes; one more is 503 `vectors_busy`. */
export const BODY_BYTES_IN_FLIGHT_MAX = 512 * 2 ** 20;

/** Searches under way at once; one more is 503 `vectors_busy`. */
export const SEARCHES_IN_FLIGHT_MAX = 4096;

/** What a client is told to wait when too much is under way. */
export const BUSY_RETRY_SECONDS = 1;

/** Batches that one log record takes; the next wait for the next record. */
export const RECORD_BYTES_MAX = 64 * 2 ** 20;

/** Indexes loaded at once. */
export const LOADS_MAX = 2;

/** How often it is looked whether a log should be folded, or something loaded or removed. */
export const TICK_MS = 100;

/** A fold that failed is tried again after this: long enough for a PUT that was given up to have come to its end. */
export const FOLD_RETRY_MS = 10_000;
