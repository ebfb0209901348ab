import { type Corpus, idfOf, termScore } from "./bm25.ts";
import { documentOf, type Postings, PostingsCursor } from "./postings.ts";

/** A word of a query as the corpus has it. */
export interface QueryTerm {
  readonly term: string;
  readonly postings: Postings;
  readonly tracesWithTerm: number;
}

interface WeighedTerm extends QueryTerm {
  readonly idf: number;
  /** It adds no more than this to any score. */
  readonly scoreMax: number;
}

interface TermCursor {
  readonly cursor: PostingsCursor;
  readonly idf: number;
  readonly isSeen: boolean;
}

export interface MatchExplanation {
  length: number;
  terms: { term: string; count: number; traces_with_term: number; idf: number; score: number }[];
}

export interface Visitor {
  /** Called once for each document, whose score is not 0. */
  take(document: number, score: number): void;
  /** Whether no document that scores less than this is of use any more. */
  isHopeless(score: number): boolean;
}

/** More than what rounding can make of a sum of bounds. */
const ROUNDING = 1 + 1e-9;

/** A query as it weighs in a corpus. */
export class WeighedQuery {
  readonly corpus: Corpus;
  readonly #terms: readonly WeighedTerm[];
  /** By document, in words. */
  readonly #lengths: Float64Array;
  readonly #isInCorpus: (document: number) => boolean;

  constructor(
    corpus: Corpus,
    terms: readonly QueryTerm[],
    lengths: Float64Array,
    isInCorpus: (document: number) => boolean,
  ) {
    this.corpus = corpus;
    this.#terms = terms.map((term) => weighed(term, corpus));
    this.#lengths = lengths;
    this.#isInCorpus = isInCorpus;
  }

  /** 0: no match. */
  scoreOf(document: number): number {
    return this.explain(document).terms.reduce((sum, { score }) => sum + score, 0);
  }

  explain(document: number): MatchExplanation {
    const length = this.#lengths[document]!;
    const explained = this.#terms.flatMap(({ term, postings, tracesWithTerm, idf }) => {
      const count = new PostingsCursor(postings).countIn(document);
      if (count === 0) return [];
      return [
        { term, count, traces_with_term: tracesWithTerm, idf, score: termScore(idf, count, length, this.corpus) },
      ];
    });
    return { length, terms: explained };
  }

  /**
   * Shows the matches, those of the rarest word first and of each word the latest first, until what is left can't score enough. So a
   * word such as "the", which every text has, is looked up in few of them. (MaxScore, Turtle and Flood 1995, a word at a time.)
   */
  visit(visitor: Visitor): void {
    const ranked = this.#terms.toSorted((a, b) => b.scoreMax - a.scoreMax);
    for (const [rank, term] of ranked.entries()) {
      const scoreMax = ranked.slice(rank).reduce((sum, { scoreMax }) => sum + scoreMax, 0);
      if (visitor.isHopeless(scoreMax * ROUNDING)) return;
      this.#visitTerm(term, new Set(ranked.slice(0, rank)), visitor);
    }
  }

  /** Those that have a word which was seen before were shown then. */
  #visitTerm({ postings }: WeighedTerm, seen: ReadonlySet<WeighedTerm>, { take }: Visitor): void {
    const cursors = this.#terms.map((term) => ({
      cursor: new PostingsCursor(term.postings),
      idf: term.idf,
      isSeen: seen.has(term),
    }));
    for (let place = postings.all.length - 1; place >= 0; place--) {
      const document = documentOf(postings.all[place]!);
      if (!this.#isInCorpus(document)) continue;
      const score = this.#scoreUnseen(document, cursors);
      if (score > 0) take(document, score);
    }
  }

  #scoreUnseen(document: number, cursors: readonly TermCursor[]): number {
    const length = this.#lengths[document]!;
    let score = 0;
    for (const { cursor, idf, isSeen } of cursors) {
      const count = cursor.countIn(document);
      if (count === 0) continue;
      if (isSeen) return 0;
      score += termScore(idf, count, length, this.corpus);
    }
    return score;
  }
}

function weighed(term: QueryTerm, corpus: Corpus): WeighedTerm {
  const { postings, tracesWithTerm } = term;
  const idf = idfOf(corpus, tracesWithTerm);
  return { ...term, idf, scoreMax: termScore(idf, postings.countMax, postings.lengthMin, corpus) };
}
