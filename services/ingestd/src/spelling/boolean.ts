/** Set in the code of a lower-case ASCII letter; no byte outside the letters becomes a letter by setting it. */
const LOWER_CASE = 0x20;

const TRUE = [0x74, 0x72, 0x75, 0x65];
const FALSE = [0x66, 0x61, 0x6c, 0x73, 0x65];

/** 1 for `true`, 0 for `false`, in any case; NaN for any other spelling. */
export function readBoolean(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length === TRUE.length) return spells(TRUE, bytes, start) ? 1 : Number.NaN;
  if (length === FALSE.length) return spells(FALSE, bytes, start) ? 0 : Number.NaN;
  return Number.NaN;
}

function spells(word: number[], bytes: Uint8Array, start: number): boolean {
  return word.every((letter, index) => (bytes[start + index]! | LOWER_CASE) === letter);
}
