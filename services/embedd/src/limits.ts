/** Every bound of embedd that is not configuration. */

const KIB = 1024;

/** Texts, and bytes of them, that one call asks a provider for. Larger batches are cut: hosted APIs bound the tokens of a call. */
export const CALL_TEXTS_MAX = 64;
export const CALL_BYTES_MAX = 256 * KIB;

/** Calls to the provider at once; the next waits its turn, and its client's deadline goes on. */
export const CALLS_MAX = 4;

/** Of these, those of one request: a large batch leaves room for the small ones that come after it. */
export const CALLS_PER_REQUEST_MAX = 2;

/** Refused calls that the search for the texts at fault may cost, one call's halvings together. */
export const REFUSED_CALLS_MAX = 16;

/** Bytes that are counted as a token where a client wants to know how many there were: what most tokenizers make of English. */
export const TOKEN_BYTES = 4;

/** Models whose dimension is remembered. */
export const MODELS_MAX = 1_000;

/** JSON that escapes all but ASCII takes 6 bytes for a letter of 2, so a body is let in up to this many times its texts' bytes. */
export const JSON_ESCAPE_FACTOR = 3;
export const JSON_FRAME_BYTES = 64 * KIB;
