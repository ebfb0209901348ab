import { KEY_PART_LENGTH } from "./limits.ts";

/** How a text that shows a part of a key puts the rest: `sk-ab***wxyz`, `sk-ab…wxyz`, `sk-ab...wxyz`. */
const hiddenMiddle = /\S*(?:\*{2,}|[•●]{2,}|(?<=\w)…(?=\w)|(?<=\w)\.{3,}(?=\w))\S*/gu;

/** Masks the key and whatever has a part of it, up to the next blanks: what stands around a part is often the rest. */
export function maskKey(words: string, key: string): string {
  if (key === "") return words;
  const parts = partsOf(asciiLowerCase(key));
  return masked(words, parts).replaceAll(hiddenMiddle, "[key]");
}

function masked(words: string, { set, length }: KeyParts): string {
  const lower = asciiLowerCase(words);
  let shown = 0;
  let safe = "";
  for (let at = 0; at + length <= lower.length; at++) {
    if (at < shown || !set.has(lower.slice(at, at + length))) continue;
    const start = shown + beginOfWord(words.slice(shown, at));
    const end = endOfWord(words, at + length);
    safe += `${words.slice(shown, start)}[key]`;
    shown = end;
  }
  return safe + words.slice(shown);
}

interface KeyParts {
  set: ReadonlySet<string>;
  length: number;
}

function partsOf(key: string): KeyParts {
  const length = Math.min(KEY_PART_LENGTH, key.length);
  const starts = Array.from({ length: key.length - length + 1 }, (_, start) => start);
  return { set: new Set(starts.map((start) => key.slice(start, start + length))), length };
}

function beginOfWord(before: string): number {
  return /\S*$/.exec(before)!.index;
}

function endOfWord(words: string, from: number): number {
  const end = words.slice(from).search(/\s/);
  return end === -1 ? words.length : from + end;
}

/** As long as before, in UTF-16, which `toLowerCase` does not promise. */
function asciiLowerCase(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}
