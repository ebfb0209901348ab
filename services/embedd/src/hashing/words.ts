/**
 * A word is a run of letters, marks and digits, with the signs that make `c++` and `c#` other words than `c`. Scripts that put no
 * spaces between words give one word a character (pairs of neighbours then stand for
 * their words, as in any index of Chinese or Japanese), and so do emoji.
 */
const unspaced = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}`;
const wordPattern = new RegExp(
  String.raw`[${unspaced}]|[[\p{L}\p{N}]--[${unspaced}]][[\p{L}\p{M}\p{N}]--[${unspaced}]]*(?:\+\+|#)?|\p{Extended_Pictographic}`,
  "gv",
);

/** The words of a text in order, in the one spelling that `José`, `JOSÉ` and `jose` share. */
export function wordsOf(text: string): string[] {
  return fold(text).match(wordPattern) ?? [];
}

/** Compatibility forms, case and the accents of European scripts do not tell texts apart; Unicode is that of the pinned Node. */
function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .normalize("NFC")
    .toLowerCase();
}
