import { WORDS_READ_MAX } from "./limits.ts";

/** As often as JSON is packed into JSON, by a proxy into its own error, say. */
const LAYERS_MAX = 3;

/**
 * What a provider says as a person would read it: one line, without the escapes of JSON, Python, HTML and URLs, which would hide from a
 * comparison what stands there. Empty where it is no text.
 */
export function readableWords(text: string): string {
  let words = text.slice(0, WORDS_READ_MAX);
  for (let layer = 0; layer < LAYERS_MAX; layer++) words = withoutEscapes(words);
  if (words.includes("\uFFFD")) return "";
  return words.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
}

function withoutEscapes(words: string): string {
  return words
    .replaceAll(/\\u([0-9a-f]{4})|\\x([0-9a-f]{2})/gi, (_, long, short) =>
      characterOf(Number.parseInt(long ?? short, 16)),
    )
    .replaceAll(/\\(["'\\/bfnrt])/g, (_, escaped: string) => ("bfnrt".includes(escaped) ? " " : escaped))
    .replaceAll(/&#(?:x([0-9a-f]{1,6})|(\d{1,7}));/gi, (_, hex, decimal) =>
      characterOf(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)),
    )
    .replaceAll(/&(quot|apos|amp|lt|gt|nbsp);/g, (_, name: string) => entities[name]!)
    .replaceAll(/(?:%[0-9a-f]{2})+/gi, decodedOrSame)
    .toWellFormed();
}

const entities: Record<string, string> = { quot: '"', apos: "'", amp: "&", lt: "<", gt: ">", nbsp: " " };

function characterOf(codePoint: number): string {
  return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : " ";
}

function decodedOrSame(escaped: string): string {
  try {
    return decodeURIComponent(escaped);
  } catch {
    return escaped; // percent signs that are no UTF-8
  }
}
