/** How long indexing goes on before others get their turn. */
export const INDEXING_SLICE_MS = 4;

/** Words are compared by so many of their first characters. */
export const WORD_LENGTH_MAX = 64;
