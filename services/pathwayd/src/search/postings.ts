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

  constructor(document: number) {
    this.#all = [firstIn(document)];
  }

  get all(): readonly number[] {
    return this.#all;
  }

  /** Those that are what a trace says now. */
  get current(): number {
    return this.#all.length - this.#former;
  }

  /** Once more in the document, which is the last one or a new one. */
  add(document: number): void {
    const last = this.#all[this.#all.length - 1]!;
    if (documentOf(last) !== document) this.#all.push(firstIn(document));
    else if (countOf(last) < COUNT_MAX) this.#all[this.#all.length - 1] = last + 1;
  }

  /** One of its documents was replaced. */
  end(): void {
    this.#former += 1;
  }

  /** @returns 0 where the document does not have the word */
  countIn(document: number): number {
    let low = 0;
    let high = this.#all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (documentOf(this.#all[middle]!) < document) low = middle + 1;
      else high = middle;
    }
    const posting = this.#all[low];
    return posting !== undefined && documentOf(posting) === document ? countOf(posting) : 0;
  }
}

function firstIn(document: number): number {
  assert(document < DOCUMENTS_MAX);
  return document * (COUNT_MAX + 1) + 1;
}

export function documentOf(posting: number): number {
  return posting >>> COUNT_BITS;
}

export function countOf(posting: number): number {
  return posting & COUNT_MAX;
}
