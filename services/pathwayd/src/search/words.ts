import { parseExactly } from "../traces/exact-json.ts";
import { WORD_LENGTH_MAX } from "./limits.ts";
import { textOf } from "./text-of.ts";

/**
 * A word is a run of letters, marks and digits. Scripts that put no spaces between words give one word a character, and so do emoji.
 */
const unspaced = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}`;
const wordPattern = new RegExp(
  String.raw`[${unspaced}]|[[\p{L}\p{N}]--[${unspaced}]][[\p{L}\p{M}\p{N}]--[${unspaced}]]*|\p{Extended_Pictographic}`,
  "gv",
);
const asciiWordPattern = /[a-z0-9]+/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII, which most texts are made of.
const isAscii = /^[\x00-\x7f]*$/;

/** The words of a text in order, in the one spelling that `José`, `JOSÉ` and `jose` share. */
export function wordsOf(text: string): string[] {
  const words = isAscii.test(text) ? text.toLowerCase().match(asciiWordPattern) : fold(text).match(wordPattern);
  return words?.map((word) => (word.length > WORD_LENGTH_MAX ? word.slice(0, WORD_LENGTH_MAX) : word)) ?? [];
}

/** Of a content as it is kept. */
export function wordsOfContent(json: string): string[] {
  return wordsOf(textOf(parseExactly(json)));
}

function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .normalize("NFC")
    .toLowerCase();
}
