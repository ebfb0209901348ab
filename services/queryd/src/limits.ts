/** Every bound of queryd that is not in the configuration. */

/** A statement and its parameters. */
export const BODY_BYTES_MAX = 4 * 2 ** 20;

/** A longer statement is refused: its parse tree, some 35 times as long, is read on the HTTP thread. */
export const SQL_CHARACTERS_MAX = 2 ** 20;

/** So many queries may wait for each that may run; the next one is told to come back. */
export const QUEUE_PER_SLOT = 4;
export const QUEUE_WAIT_MS_MAX = 5_000;
export const BUSY_RETRY_AFTER_SECONDS = 1;

/** How long an answer may wait for a client that reads nothing. */
export const STALL_MS_MAX = 60_000;
