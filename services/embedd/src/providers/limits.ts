import type { RetryPolicy } from "@lakehouse/clients/provider";

/** To embed twice does no harm, so a provider that broke a call off is asked again too. */
export const RETRY_POLICY: RetryPolicy = {
  attemptsMax: 3,
  firstPauseMs: 200,
  pauseSecondsMax: 5,
  isRepeatable: true,
};
