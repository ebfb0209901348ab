/** So many queries may wait for each that may run; the next one is told to come back. */
export const QUEUE_PER_SLOT = 4;
export const QUEUE_WAIT_MS_MAX = 5_000;
export const BUSY_RETRY_AFTER_SECONDS = 1;

/** How long an answer may wait for a client that reads nothing. */
export const STALL_MS_MAX = 60_000;
