import assert from "node:assert";

/** A posting is one number: the document, and how often it has the word, up to 255. */
const COUNT_BITS = 8;
const COUNT_MAX = 2 ** COUNT_BITS - 1;
const DOCUMENTS_MAX = 2 ** (32 - COUNT_BITS);

/** The documents that have a word. */
export class Postings {
  /** In the order of their documents. Most words are in one only, and an array that grows has room for seventeen. */
  #all: number[];
  /** How many of them are of versions that were replaced. */
  #former = 0;
  #countMax = 1;
  #lengthMin: number;

  /** @param length of the document, in words */
  constructor(document: number, length: number) {
    this.#all = [firstIn(document)];
    this.#lengthMin = length;
  }

  get all(): readonly number[] {
    return this.#all;
  }

  /** Those that are what a trace says now. */
  get current(): number {
    return this.#all.length - this.#former;
  }

  /** No document has the word more often. */
  get countMax(): number {
    return this.#countMax;
  }

  /** No document that has the word is shorter. */
  get lengthMin(): number {
    return this.#lengthMin;
  }

  /** Once more in the document, which is the last one or a new one. */
  add(document: number, length: number): void {
    const last = this.#all[this.#all.length - 1]!;
    if (documentOf(last) !== document) {
      this.#all.push(firstIn(document));
      this.#lengthMin = Math.min(this.#lengthMin, length);
    } else if (countOf(last) < COUNT_MAX) {
      this.#all[this.#all.length - 1] = last + 1;
      this.#countMax = Math.max(this.#countMax, countOf(last) + 1);
    }
  }

  /** One of its documents was replaced. */
  end(): void {
    this.#former += 1;
  }
}

/** Looks documents up in postings, later ones first: where it stands, the next is not far. */
export class PostingsCursor {
  readonly #all: readonly number[];
  /** All that stand behind this place are of documents later than any that is asked for. */
  #place: number;

  constructor({ all }: Postings) {
    this.#all = all;
    this.#place = all.length - 1;
  }

  /** @returns 0 where the document, which is not later than the one before, does not have the word */
  countIn(document: number): number {
    let high = this.#place;
    let step = 1;
    while (high >= step && documentOf(this.#all[high - step]!) >= document) {
      high -= step;
      step *= 2;
    }
    let low = Math.max(0, high - step);
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (documentOf(this.#all[middle]!) <= document) low = middle;
      else high = middle - 1;
    }
    this.#place = low;
    const posting = this.#all[low]!;
    return documentOf(posting) === document ? countOf(posting) : 0;
  }
}

function firstIn(document: number): number {
  assert(document < DOCUMENTS_MAX);
  return document * (COUNT_MAX + 1) + 1;
}

export function documentOf(posting: number): number {
  return posting >>> COUNT_BITS;
}

function countOf(posting: number): number {
  return posting & COUNT_MAX;
}
