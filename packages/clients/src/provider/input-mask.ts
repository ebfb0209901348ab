import { INPUT_LENGTH_MAX, INPUT_PART_BYTES, ORDINARY_WORDS_MAX } from "./limits.ts";
import { ordinaryWords } from "./ordinary-words.ts";

/** Scripts that put no spaces between words: each character is a word here. */
const unspaced = String.raw`\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}`;
const wordPattern = new RegExp(String.raw`[${unspaced}]|[[\p{L}\p{N}\p{M}]--[${unspaced}]]+`, "gv");

interface Word {
  start: number;
  end: number;
  folded: string;
}

/**
 * Masks in a provider's words whatever the request says too, in any case, spacing, punctuation and accents, and where it is cut off
 * within a word. A few ordinary words in a row stay, so that "the input length exceeds the context length" survives a long request.
 * @param texts all that was asked; a whole one of several words is masked though all of them are ordinary
 * @returns undefined where the texts are too long to be compared with
 */
export function maskInput(words: string, texts: readonly string[]): string | undefined {
  if (texts.reduce((sum, { length }) => sum + length, 0) > INPUT_LENGTH_MAX) return undefined;
  const input = new FoldedInput(texts);
  const found = [...words.matchAll(wordPattern)].map(toWord);
  let masked = "";
  let shown = 0;
  for (let first = 0; first < found.length; first++) {
    const last = lastOfRun(found, first, input);
    if (last === undefined || !isTelling(found.slice(first, last + 1), input)) continue;
    masked += `${words.slice(shown, found[first]!.start)}[input]`;
    shown = found[last]!.end;
    first = last;
  }
  return masked + words.slice(shown);
}

function toWord({ 0: text, index }: RegExpExecArray): Word {
  return { start: index, end: index + text.length, folded: fold(text) };
}

/** The words of all texts, one after the other; what was looked for once is known. */
class FoldedInput {
  readonly #text: string;
  readonly #known = new Map<string, boolean>();

  constructor(texts: readonly string[]) {
    this.#text = `\n${texts.map((text) => ` ${foldedWords(text).join(" ")} \n`).join("")}`;
  }

  includes(run: string): boolean {
    const known = this.#known.get(run) ?? this.#text.includes(run);
    this.#known.set(run, known);
    return known;
  }
}

function foldedWords(text: string): string[] {
  return fold(text).match(wordPattern) ?? [];
}

/** Without case, accents and the compatibility forms of characters. */
function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replaceAll(/\p{M}+/gu, "")
    .toLowerCase();
}

/** The end of the longest run from `first` on that the input has too; the run may begin and end within a word of the input. */
function lastOfRun(words: readonly Word[], first: number, input: FoldedInput): number | undefined {
  let run = words[first]!.folded;
  if (!input.includes(run)) return undefined;
  let last = first;
  while (last + 1 < words.length) {
    run += ` ${words[last + 1]!.folded}`;
    if (!input.includes(run)) break;
    last += 1;
  }
  return last;
}

function isTelling(run: readonly Word[], input: FoldedInput): boolean {
  const folded = run.map((word) => word.folded);
  if (Buffer.byteLength(folded.join("")) < INPUT_PART_BYTES) return false;
  if (run.length > 1 && input.includes(`\n ${folded.join(" ")} \n`)) return true;
  return run.length > ORDINARY_WORDS_MAX || folded.some((word) => !ordinaryWords.has(word));
}
