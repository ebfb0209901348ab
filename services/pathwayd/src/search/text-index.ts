import { type Moment, NOW } from "../traces/moment.ts";
import type { TraceVersion } from "../traces/stored-trace.ts";
import { type Corpus, idfOf, termScore } from "./bm25.ts";
import { GrowingFloats } from "./growing-floats.ts";
import { countOf, documentOf, Postings } from "./postings.ts";
import { wordsOfContent } from "./words.ts";

/** A word of a query as the corpus has it. */
interface Term {
  readonly term: string;
  readonly postings: Postings;
  readonly tracesWithTerm: number;
  readonly idf: number;
}

/** A query that was weighed: its matches, and what is needed to say how their scores came about. */
export interface Matches {
  readonly corpus: Corpus;
  readonly terms: readonly Term[];
  /** By document; 0: no match. */
  readonly scores: Float64Array;
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
  /** When each began to be what its trace says, and when it ended: columns, since a search runs along them. */
  readonly #from = new GrowingFloats();
  readonly #until = new GrowingFloats();
  readonly #lengths = new GrowingFloats();
  readonly #postings = new Map<string, Postings>();
  /** Of what the traces say now. */
  readonly #now = { traces: 0, words: 0 };

  /** Versions of a trace come in their order. */
  add(version: TraceVersion, words: readonly string[]): void {
    const before = version.trace.versions[version.index - 1];
    if (before) this.#end(before, version.at);
    version.document = this.#documents.push(version) - 1;
    this.#from.push(version.at);
    this.#until.push(Infinity);
    this.#lengths.push(words.length);
    this.#now.traces += 1;
    this.#now.words += words.length;
    for (const word of words) this.#post(word, version.document);
  }

  document(document: number): TraceVersion {
    return this.#documents[document]!;
  }

  /** All that was said at the moment, newest first. */
  documentsAt(moment: Moment): number[] {
    const [from, until] = [this.#from.values, this.#until.values];
    const documents: number[] = [];
    for (let document = this.#documents.length - 1; document >= 0; document--) {
      if (from[document]! <= moment && moment < until[document]!) documents.push(document);
    }
    return documents;
  }

  /** Weighs what was said at the moment by the words in it. */
  match(words: readonly string[], moment: Moment): Matches {
    const corpus = this.#corpusAt(moment);
    const terms = [...new Set(words)].flatMap((word) => this.#term(word, moment, corpus));
    const scores = new Float64Array(this.#documents.length);
    for (const term of terms) this.#addScores(term, moment, corpus, scores);
    return { corpus, terms, scores };
  }

  explain({ terms, corpus }: Matches, document: number): MatchExplanation {
    const length = this.#lengths.values[document]!;
    const explained = terms.flatMap(({ term, postings, tracesWithTerm, idf }) => {
      const count = postings.countIn(document);
      if (count === 0) return [];
      return [{ term, count, traces_with_term: tracesWithTerm, idf, score: termScore(idf, count, length, corpus) }];
    });
    return { length, terms: explained };
  }

  /** The version was replaced. Its words are looked up again: that is needed too seldom to keep them. */
  #end({ document, content }: TraceVersion, at: Moment): void {
    const words = wordsOfContent(content);
    this.#until.values[document] = at;
    this.#now.traces -= 1;
    this.#now.words -= words.length;
    for (const word of new Set(words)) this.#postings.get(word)!.end();
  }

  #isCurrent(document: number, moment: Moment): boolean {
    return this.#from.values[document]! <= moment && moment < this.#until.values[document]!;
  }

  #post(word: string, document: number): void {
    const postings = this.#postings.get(word);
    if (postings) postings.add(document);
    else this.#postings.set(word, new Postings(document));
  }

  #term(term: string, moment: Moment, corpus: Corpus): Term[] {
    const postings = this.#postings.get(term);
    if (!postings) return [];
    const isCurrent = (posting: number) => this.#isCurrent(documentOf(posting), moment);
    const tracesWithTerm = moment === NOW ? postings.current : postings.all.filter(isCurrent).length;
    return [{ term, postings, tracesWithTerm, idf: idfOf(corpus, tracesWithTerm) }];
  }

  /** The inner loop of a search: a word such as "the" is in every document. */
  #addScores({ postings, idf }: Term, moment: Moment, corpus: Corpus, scores: Float64Array): void {
    const [from, until, lengths] = [this.#from.values, this.#until.values, this.#lengths.values];
    for (const posting of postings.all) {
      const document = documentOf(posting);
      if (from[document]! > moment || moment >= until[document]!) continue;
      scores[document]! += termScore(idf, countOf(posting), lengths[document]!, corpus);
    }
  }

  #corpusAt(moment: Moment): Corpus {
    if (moment === NOW) return corpusOf(this.#now);
    const then = { traces: 0, words: 0 };
    for (let document = 0; document < this.#documents.length; document++) {
      if (!this.#isCurrent(document, moment)) continue;
      then.traces += 1;
      then.words += this.#lengths.values[document]!;
    }
    return corpusOf(then);
  }
}

function corpusOf({ traces, words }: { traces: number; words: number }): Corpus {
  return { traces, meanLength: traces === 0 ? 0 : words / traces };
}
