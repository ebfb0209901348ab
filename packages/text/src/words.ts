/** Scripts that put no spaces between words. */
const unspaced = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}`;
const wordPattern = new RegExp(
  String.raw`[${unspaced}]|[[\p{L}\p{N}]--[${unspaced}]][[\p{L}\p{M}\p{N}]--[${unspaced}]]*(?:\+\+|#)?|\p{Extended_Pictographic}`,
  "gv",
);
/** The same words in a text of ASCII: most texts are, and this takes a third of the time. */
const asciiWordPattern = /[a-z0-9]+(?:\+\+|#)?/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII.
const isAscii = /^[\x00-\x7f]*$/;

/**
 * The words of a text in order, folded. A word is a run of letters, marks and digits, with the signs that make `c++` and `c#` other
 * words than `c`. In scripts without spaces each character is a word (pairs of neighbours then stand for their words, as in any
 * index of Chinese or Japanese), and so is each emoji.
 */
export function wordsOf(text: string): string[] {
  const words = isAscii.test(text) ? text.toLowerCase().match(asciiWordPattern) : fold(text).match(wordPattern);
  return words ?? [];
}

/**
 * The one spelling that `José`, `JOSÉ` and `jose` share: compatibility forms, case and the accents of European scripts do not tell texts
 * apart. Unicode is that of the running Node.
 */
export function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .normalize("NFC")
    .toLowerCase();
}
