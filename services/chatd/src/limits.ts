/** Every bound of chatd that is not configuration. */

const KIB = 1024;

/** Calls to one provider at once. There is no queue of ours behind it: providers have their own, and a client can wait by itself. */
export const CALLS_MAX = 1_024;
export const BUSY_RETRY_SECONDS = 1;

/** Failures of a provider in a row after which it is left alone, and for how long; then one call tries it again. */
export const FAILURES_MAX = 20;
export const COOL_DOWN_MS = 5_000;

/** Events that wait for a client who reads slowly; the model waits with them. */
export const EVENTS_BUFFER_BYTES = 16 * KIB;

/** Models that have figures of their own; what comes after them is counted as `other`. */
export const METERED_MODELS_MAX = 100;
