import { wordsOf as wordsOfText } from "@lakehouse/text";
import { parseExactly } from "../traces/exact-json.ts";
import { WORD_LENGTH_MAX } from "./limits.ts";
import { textOf } from "./text-of.ts";

/** The words of a text in order; only so many first characters of a long one count. */
export function wordsOf(text: string): string[] {
  return wordsOfText(text).map((word) => (word.length > WORD_LENGTH_MAX ? word.slice(0, WORD_LENGTH_MAX) : word));
}

/** Of a content as it is kept. */
export function wordsOfContent(json: string): string[] {
  return wordsOf(textOf(parseExactly(json)));
}
