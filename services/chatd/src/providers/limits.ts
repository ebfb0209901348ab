import type { RetryPolicy } from "@lakehouse/clients/provider";

/** A completion that may have begun has cost money, so a call is made again only where nobody took it on. */
export const RETRY_POLICY: RetryPolicy = {
  attemptsMax: 3,
  firstPauseMs: 100,
  pauseSecondsMax: 2,
  isRepeatable: false,
};

/** What follows the last event of a stream is read this long, so that its connection can be used again. */
export const STREAM_END_MS_MAX = 1_000;
