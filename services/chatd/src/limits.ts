/** Every bound of chatd that is not configuration. */

const KIB = 1024;
const MIB = 1024 * KIB;

/** Calls to one provider at once. There is no queue of ours behind it: providers have their own, and a client can wait by itself. */
export const CALLS_MAX = 1_024;
export const BUSY_RETRY_SECONDS = 1;

/** Tries of a call that was not taken on: nobody listens, or 429 and 503 with a short pause. */
export const ATTEMPTS_MAX = 3;
export const FIRST_RETRY_MS = 100;

/** A provider that asks for a longer pause than this is not waited for. */
export const RETRY_AFTER_SECONDS_MAX = 2;

/** Failures of a provider in a row after which it is left alone, and for how long; then one call tries it again. */
export const FAILURES_MAX = 20;
export const COOL_DOWN_MS = 5_000;

export const CONNECT_MS_MAX = 5_000;

/** A provider's answer, streamed or not. The longest that a model gives is some hundred thousand tokens, well under a megabyte. */
export const ANSWER_BYTES_MAX = 32 * MIB;

/** One line of a stream, in characters. */
export const LINE_LENGTH_MAX = 4 * MIB;

/** What follows the last event of a stream is read this long, so that its connection can be used again. */
export const STREAM_END_MS_MAX = 1_000;

/** Events that wait for a client who reads slowly; the model waits with them. */
export const EVENTS_BUFFER_BYTES = 16 * KIB;

/** Of a provider's own words in an error of ours. */
export const PROVIDER_WORDS_LENGTH_MAX = 300;

/** Of a key, from which on its beginning is recognised in a provider's words. */
export const KEY_START_LENGTH = 8;

/** Models that have figures of their own; what comes after them is counted as `other`. */
export const METERED_MODELS_MAX = 100;
