/** A statement and its parameters. */
export const BODY_BYTES_MAX = 4 * 2 ** 20;

/** A longer statement is refused: its parse tree, some 35 times as long, is read on the HTTP thread. */
export const SQL_CHARACTERS_MAX = 2 ** 20;
