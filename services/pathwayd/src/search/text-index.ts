import assert from "node:assert";
import { type Moment, NOW } from "../traces/moment.ts";
import { isCurrentAt, type TraceVersion } from "../traces/stored-trace.ts";
import { type Corpus, idfOf, termScore } from "./bm25.ts";
import { wordsOfContent } from "./words.ts";

/** A posting is one number: the document, and how often it has the word, up to 255. */
const COUNTS = 256;
const COUNT_MAX = COUNTS - 1;
const DOCUMENTS_MAX = 2 ** 32 / COUNTS;

/** A word of a query as the corpus has it. */
interface Term {
  readonly term: string;
  readonly postings: readonly number[];
  readonly tracesWithTerm: number;
  readonly idf: number;
}

/** A query that was weighed: its matches, and what is needed to say how their scores came about. */
export interface Matches {
  readonly corpus: Corpus;
  readonly terms: readonly Term[];
  /** By document; 0: no match. */
  readonly scores: Float64Array;
  readonly documents: readonly number[];
}

export interface MatchExplanation {
  length: number;
  terms: { term: string; count: number; traces_with_term: number; idf: number; score: number }[];
}

/**
 * The words of one namespace. Each version of each trace is a document, so that the past can be searched as the present is. How
 * rare a word is, is judged over what the traces said at the moment that is searched: its answer is the same whenever it is asked.
 */
export class TextIndex {
  readonly #documents: TraceVersion[] = [];
  readonly #lengths: number[] = [];
  readonly #postings = new Map<string, number[]>();
  /** Of what the traces say now. */
  readonly #now = { traces: 0, words: 0 };

  /** Versions of a trace come in their order. */
  add(version: TraceVersion, words: readonly string[]): void {
    const document = this.#documents.push(version) - 1;
    assert(document < DOCUMENTS_MAX);
    this.#lengths.push(words.length);
    for (const word of words) this.#post(word, document);
    const before = version.trace.versions[version.index - 1];
    if (before) this.#now.words -= wordsOfContent(before.content).length;
    else this.#now.traces += 1;
    this.#now.words += words.length;
  }

  document(document: number): TraceVersion {
    return this.#documents[document]!;
  }

  /** All that was said at the moment, newest first. */
  documentsAt(moment: Moment): number[] {
    const documents: number[] = [];
    for (let document = this.#documents.length - 1; document >= 0; document--) {
      if (isCurrentAt(this.#documents[document]!, moment)) documents.push(document);
    }
    return documents;
  }

  /** What was said at the moment with any of the words in it. */
  match(words: readonly string[], moment: Moment): Matches {
    const corpus = this.#corpusAt(moment);
    const scores = new Float64Array(this.#documents.length);
    const documents: number[] = [];
    const terms = [...new Set(words)].map((word) => this.#term(word, moment, corpus));
    for (const { postings, idf } of terms) {
      for (const posting of postings) {
        const document = documentOf(posting);
        if (scores[document] === 0) documents.push(document);
        scores[document]! += termScore(idf, countOf(posting), this.#lengths[document]!, corpus);
      }
    }
    return { corpus, terms, scores, documents };
  }

  explain({ terms, corpus }: Matches, document: number): MatchExplanation {
    const length = this.#lengths[document]!;
    const explained = terms.flatMap(({ term, postings, tracesWithTerm, idf }) => {
      const posting = postings.find((one) => documentOf(one) === document);
      if (posting === undefined) return [];
      const count = countOf(posting);
      return [{ term, count, traces_with_term: tracesWithTerm, idf, score: termScore(idf, count, length, corpus) }];
    });
    return { length, terms: explained };
  }

  #post(word: string, document: number): void {
    const postings = this.#postings.get(word);
    if (!postings) {
      this.#postings.set(word, [document * COUNTS + 1]);
      return;
    }
    const last = postings[postings.length - 1]!;
    if (documentOf(last) !== document) postings.push(document * COUNTS + 1);
    else if (countOf(last) < COUNT_MAX) postings[postings.length - 1] = last + 1;
  }

  #term(term: string, moment: Moment, corpus: Corpus): Term {
    const isCurrent = (posting: number) => isCurrentAt(this.#documents[documentOf(posting)]!, moment);
    const postings = this.#postings.get(term)?.filter(isCurrent) ?? [];
    return { term, postings, tracesWithTerm: postings.length, idf: idfOf(corpus, postings.length) };
  }

  #corpusAt(moment: Moment): Corpus {
    if (moment === NOW) return corpusOf(this.#now);
    const then = { traces: 0, words: 0 };
    for (const document of this.documentsAt(moment)) {
      then.traces += 1;
      then.words += this.#lengths[document]!;
    }
    return corpusOf(then);
  }
}

function corpusOf({ traces, words }: { traces: number; words: number }): Corpus {
  return { traces, meanLength: traces === 0 ? 0 : words / traces };
}

function documentOf(posting: number): number {
  return Math.floor(posting / COUNTS);
}

function countOf(posting: number): number {
  return posting % COUNTS;
}
