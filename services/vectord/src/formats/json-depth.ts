const OTHER = 0;
const QUOTE = 1;
const BACKSLASH = 2;
const OPENING = 3;
const CLOSING = 4;

/** By byte. A table is quicker than comparisons, since most bytes are of no interest. */
const kinds = new Uint8Array(256);
for (const [characters, kind] of [
  ['"', QUOTE],
  ["\\", BACKSLASH],
  ["[{", OPENING],
  ["]}", CLOSING],
] as const) {
  for (const byte of Buffer.from(characters)) kinds[byte] = kind;
}

/** True if a JSON text in UTF-8 nests objects and arrays deeper than this. A text that is not JSON may get either answer. */
export function isDeeperThan(levels: number, json: Uint8Array): boolean {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < json.length; at++) {
    const kind = kinds[json[at]!]!;
    if (kind === OTHER) continue;
    if (kind === QUOTE) isText = !isText;
    else if (kind === BACKSLASH) at += 1;
    else if (!isText) depth += kind === OPENING ? 1 : -1;
    if (depth > levels) return true;
  }
  return false;
}
