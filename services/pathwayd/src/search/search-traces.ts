import type { ScoreExplanation, TraceSearchRequest } from "@lakehouse/contracts";
import { endOf, formatMoment, type Moment, NOW, startOf } from "../traces/moment.ts";
import { createdAt, type StoredTrace, type TraceView, viewAt } from "../traces/stored-trace.ts";
import { Best } from "./best.ts";
import { compareStandings, placeBelow, type Standing } from "./standing.ts";
import type { Matches, TextIndex } from "./text-index.ts";
import { traceFilter } from "./trace-filter.ts";
import { wordsOf } from "./words.ts";

export interface TraceHit {
  view: TraceView;
  score: number;
  explanation?: ScoreExplanation;
}

/** Best first: by BM25 where there is a query, then the later change. */
export function searchTraces(index: TextIndex, request: TraceSearchRequest): TraceHit[] {
  return new Search(index, request).hits();
}

class Search {
  readonly #index: TextIndex;
  readonly #request: TraceSearchRequest;
  readonly #moment: Moment;
  readonly #earliest: Moment;
  readonly #passes: ReturnType<typeof traceFilter>;
  readonly #matches: Matches;
  /** Where the trace stands that was asked about or, if it was not found, its nearest successor that was. */
  readonly #placed = new Map<StoredTrace, Standing | undefined>();

  constructor(index: TextIndex, request: TraceSearchRequest) {
    const { query, as_of, since } = request;
    this.#index = index;
    this.#request = request;
    this.#moment = as_of === undefined ? NOW : endOf(as_of);
    this.#earliest = since === undefined ? 0 : startOf(since);
    this.#passes = traceFilter(request);
    this.#matches = index.match(wordsOf(query), this.#moment);
  }

  hits(): TraceHit[] {
    const best = new Best(this.#request.limit, compareStandings);
    for (const document of this.#index.documentsAt(this.#moment)) {
      // Most are not good enough, which their scores tell: to look at a trace itself costs more than the score did.
      if (this.#isHopeless(document, best.worst)) continue;
      const { trace } = this.#index.document(document);
      const own = this.#standing(trace);
      if (!own || !best.wants(own) || !this.#passes(own.view.version)) continue;
      const placed = this.#belowSuccessors(own, trace);
      if (best.wants(placed)) best.add(placed);
    }
    return best.sorted.map((standing) => this.#hit(standing));
  }

  /** What happened later than the moment can only make a trace look more recent, and a successor only make it stand lower. */
  #isHopeless(document: number, worst: Standing | undefined): boolean {
    const score = this.#matches.scores[document]!;
    if (score === 0 && this.#request.query !== "") return true;
    if (!worst) return false;
    if (score !== worst.score) return score < worst.score;
    return this.#index.document(document).trace.updatedAt < worst.recency;
  }

  /** @returns undefined where it may not be shown; whether tags and text fit is asked later, since that costs more */
  #standing(trace: StoredTrace): Standing | undefined {
    const view = viewAt(trace, this.#moment)!;
    const score = this.#matches.scores[view.version.document]!;
    if (score === 0 && this.#request.query !== "") return undefined;
    if (view.updatedAt < this.#earliest || (view.retired && !this.#request.include_retired)) return undefined;
    return { view, score, recency: view.updatedAt, below: null, depth: 0 };
  }

  #belowSuccessors(own: Standing, { successor }: StoredTrace): Standing {
    const above = successor && this.#nearestFound(successor);
    return above ? placeBelow(own, above) : own;
  }

  /** Each trace of the chain is marked before it is placed, so that a log that runs in a circle ends. */
  #nearestFound(trace: StoredTrace): Standing | undefined {
    const chain: StoredTrace[] = [];
    let link: StoredTrace | undefined = trace;
    while (link && !this.#placed.has(link) && createdAt(link) <= this.#moment) {
      this.#placed.set(link, undefined);
      chain.push(link);
      link = link.successor;
    }
    let above = link && this.#placed.get(link);
    for (const one of chain.reverse()) {
      const own = this.#standing(one);
      if (own && this.#passes(own.view.version)) above = above ? placeBelow(own, above) : own;
      this.#placed.set(one, above);
    }
    return above;
  }

  #hit(standing: Standing): TraceHit {
    const hit = { view: standing.view, score: standing.score };
    return this.#request.explain ? { ...hit, explanation: this.#explain(standing) } : hit;
  }

  #explain({ view, below, recency }: Standing): ScoreExplanation {
    const { document } = view.version;
    const { traces, meanLength } = this.#matches.corpus;
    return {
      bm25: this.#matches.scores[document]!,
      traces,
      mean_length: meanLength,
      ...this.#index.explain(this.#matches, document),
      superseded_by: below,
      recency: formatMoment(recency),
    };
  }
}
