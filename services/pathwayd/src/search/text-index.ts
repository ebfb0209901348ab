import { type Moment, NOW } from "../traces/moment.ts";
import type { StoredTrace, TraceVersion } from "../traces/stored-trace.ts";
import type { Corpus } from "./bm25.ts";
import type { Vocabulary } from "./candidates.ts";
import { GrowingFloats } from "./growing-floats.ts";
import { documentOf, Postings } from "./postings.ts";
import { type QueryTerm, WeighedQuery } from "./weighed-query.ts";
import { wordsOfContent } from "./words.ts";

/**
 * The words of one namespace. Each version of each trace is a document, so that the past can be searched as the present is. How
 * rare a word is, is judged over what the traces said at the moment that is searched: its answer is the same whenever it is asked.
 */
export class TextIndex {
  readonly #documents: TraceVersion[] = [];
  /** When each began to be what its trace says, and when it ended: columns, since a search runs along them. */
  readonly #from = new GrowingFloats();
  readonly #until = new GrowingFloats();
  /** Of a document that has not ended: when anything happened to its trace last. */
  readonly #updated = new GrowingFloats();
  readonly #lengths = new GrowingFloats();
  readonly #words = new Map<string, Postings>();
  readonly #tags = new Map<string, Postings>();
  /** Of what the traces say now. */
  readonly #now = { traces: 0, words: 0 };

  /** Versions of a trace come in their order. */
  add(version: TraceVersion, words: readonly string[]): void {
    const before = version.trace.versions[version.index - 1];
    if (before) this.#end(before, version.at);
    version.document = this.#documents.push(version) - 1;
    this.#from.push(version.at);
    this.#until.push(Infinity);
    this.#updated.push(version.trace.updatedAt);
    this.#lengths.push(words.length);
    this.#now.traces += 1;
    this.#now.words += words.length;
    for (const word of words) post(this.#words, word, version.document, words.length);
    for (const tag of version.tags) post(this.#tags, tag, version.document, words.length);
  }

  /** Something happened to the trace. */
  touch({ versions, updatedAt }: StoredTrace): void {
    this.#updated.values[versions.at(-1)!.document] = updatedAt;
  }

  get vocabulary(): Vocabulary {
    return { documents: this.#documents.length, words: this.#words, tags: this.#tags };
  }

  document(document: number): TraceVersion {
    return this.#documents[document]!;
  }

  /** Nothing that happened until the moment happened to it later than this. */
  updatedUntil(document: number, moment: Moment): Moment {
    if (this.#until.values[document]! !== Infinity) return moment;
    return Math.min(moment, this.#updated.values[document]!);
  }

  /**
   * Shows what was said at the moment, the latest first.
   * @param documents that are shown, in this order; all of them where it is left out
   */
  visit(moment: Moment, take: (document: number) => void, documents?: Iterable<number>): void {
    const isCurrent = this.#currentAt(moment);
    if (documents !== undefined) {
      for (const document of documents) if (isCurrent(document)) take(document);
      return;
    }
    for (let document = this.#documents.length - 1; document >= 0; document--) if (isCurrent(document)) take(document);
  }

  /** Weighs what was said at the moment by the words in it. */
  weigh(words: readonly string[], moment: Moment): WeighedQuery {
    const corpus = this.#corpusAt(moment);
    const terms = [...new Set(words)].flatMap((word) => this.#term(word, moment));
    return new WeighedQuery(corpus, terms, this.#lengths.values, this.#currentAt(moment));
  }

  /** The version was replaced. Its words are looked up again: that is needed too seldom to keep them. */
  #end({ document, content }: TraceVersion, at: Moment): void {
    const words = wordsOfContent(content);
    this.#until.values[document] = at;
    this.#now.traces -= 1;
    this.#now.words -= words.length;
    for (const word of new Set(words)) this.#words.get(word)!.end();
  }

  /** Whether a document is what its trace said at the moment; good until the next document comes. */
  #currentAt(moment: Moment): (document: number) => boolean {
    const [from, until] = [this.#from.values, this.#until.values];
    return (document) => from[document]! <= moment && moment < until[document]!;
  }

  #term(term: string, moment: Moment): QueryTerm[] {
    const postings = this.#words.get(term);
    if (!postings) return [];
    return [{ term, postings, tracesWithTerm: this.#tracesAt(postings, moment) }];
  }

  #tracesAt(postings: Postings, moment: Moment): number {
    if (moment === NOW) return postings.current;
    const isCurrent = this.#currentAt(moment);
    let traces = 0;
    for (const posting of postings.all) if (isCurrent(documentOf(posting))) traces += 1;
    return traces;
  }

  #corpusAt(moment: Moment): Corpus {
    if (moment === NOW) return corpusOf(this.#now);
    const then = { traces: 0, words: 0 };
    const lengths = this.#lengths.values;
    this.visit(moment, (document) => {
      then.traces += 1;
      then.words += lengths[document]!;
    });
    return corpusOf(then);
  }
}

function post(lists: Map<string, Postings>, word: string, document: number, length: number): void {
  const postings = lists.get(word);
  if (postings) postings.add(document, length);
  else lists.set(word, new Postings(document, length));
}

function corpusOf({ traces, words }: { traces: number; words: number }): Corpus {
  return { traces, meanLength: traces === 0 ? 0 : words / traces };
}
