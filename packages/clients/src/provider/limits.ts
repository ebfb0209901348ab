/** Every bound of a call to somebody else's service that does not depend on who makes it. */

const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * An answer, streamed or not. The longest completions are some hundred thousand tokens, well under a megabyte; 64 vectors of 4096
 * numbers, spelled at length, are under 8 MiB.
 */
export const ANSWER_BYTES_MAX = 32 * MIB;

/** One line of a stream, in characters. */
export const LINE_LENGTH_MAX = 4 * MIB;

/** The body of an error: what is longer, or takes longer to come, is read up to here. Its status has said the essential. */
export const ERROR_BYTES_MAX = 64 * KIB;
export const ERROR_MS_MAX = 1_000;

/** A provider's own words: so many characters are looked at, and so many of them are shown. */
export const WORDS_READ_MAX = 600;
export const WORDS_SHOWN_MAX = 300;

/** Characters of a key in a row that are never repeated. */
export const KEY_PART_LENGTH = 6;

/** Characters of a request that a provider's words are compared with; beside a longer one its words are withheld. */
export const INPUT_LENGTH_MAX = 256 * KIB;

/** Letters and digits in a row, in bytes, from which on text that the request has too is masked. */
export const INPUT_PART_BYTES = 3;

/** Ordinary words in a row that may stand in both, since errors and requests are written in one language. */
export const ORDINARY_WORDS_MAX = 3;
