import { WORD_LENGTH_MAX } from "./limits.ts";
import { documentOf, type Postings } from "./postings.ts";
import type { FilterRequest } from "./trace-filter.ts";

/** What is known of the documents of a namespace before one of them is looked at. */
export interface Vocabulary {
  readonly documents: number;
  readonly words: ReadonlyMap<string, Postings>;
  readonly tags: ReadonlyMap<string, Postings>;
}

/** A list of more than this part of the documents spares too little to be worth its making. */
const SHARE_MAX = 1 / 8;

/** All documents that can pass the filter, and some that can't, the latest first; undefined where the filter lets too many through. */
export function candidatesOf(vocabulary: Vocabulary, filter: FilterRequest): ReadonlySet<number> | undefined {
  for (const postings of listsOf(vocabulary, filter)) {
    const documents = documentsOf(postings, vocabulary.documents * SHARE_MAX);
    if (documents) return new Set(documents.sort((a, b) => b - a));
  }
  return undefined;
}

/** Each list has all that can pass. */
function* listsOf({ words, tags }: Vocabulary, filter: FilterRequest): Generator<Iterable<Postings>> {
  for (const tag of filter.tags) yield [tags.get(tag) ?? []].flat();
  for (const part of partsOf(filter.content_contains)) yield withPart(words, part);
}

/** Its longest runs of ASCII: wherever the text stands, these stand within a word, in whichever case. */
function partsOf(text: string): string[] {
  const parts = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return parts.sort((a, b) => b.length - a.length).slice(0, PARTS_MAX);
}

/** Longer parts are rarer: where none of the first is rare, nor are the others. */
const PARTS_MAX = 3;

/** A namespace has far fewer words than texts to look through. */
function* withPart(words: ReadonlyMap<string, Postings>, part: string): Generator<Postings> {
  for (const [word, postings] of words) {
    // What was cut off from a long word is not known.
    if (word.includes(part) || word.length >= WORD_LENGTH_MAX) yield postings;
  }
}

/** @returns undefined where they are too many */
function documentsOf(postings: Iterable<Postings>, max: number): number[] | undefined {
  const documents: number[] = [];
  for (const { all } of postings) {
    if (documents.length + all.length > max) return undefined;
    for (const posting of all) documents.push(documentOf(posting));
  }
  return documents;
}
