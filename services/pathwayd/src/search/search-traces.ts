import type { ScoreExplanation, TraceSearchRequest } from "@lakehouse/contracts";
import { endOf, formatMoment, type Moment, NOW, startOf } from "../traces/moment.ts";
import { createdAt, type StoredTrace, type TraceView, viewAt } from "../traces/stored-trace.ts";
import { Best } from "./best.ts";
import { candidatesOf } from "./candidates.ts";
import { compareStandings, placeBelow, type Standing } from "./standing.ts";
import type { TextIndex } from "./text-index.ts";
import { traceFilter } from "./trace-filter.ts";
import type { WeighedQuery } from "./weighed-query.ts";
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
  readonly #candidates: ReadonlySet<number> | undefined;
  readonly #query: WeighedQuery;
  readonly #best: Best<Standing>;
  /** Where the trace stands that was asked about or, if it was not found, its nearest successor that was. */
  readonly #placed = new Map<StoredTrace, Standing | undefined>();

  constructor(index: TextIndex, request: TraceSearchRequest) {
    const { query, as_of, since } = request;
    this.#index = index;
    this.#request = request;
    this.#moment = as_of === undefined ? NOW : endOf(as_of);
    this.#earliest = since === undefined ? 0 : startOf(since);
    this.#passes = traceFilter(request);
    this.#candidates = candidatesOf(index.vocabulary, request);
    this.#query = index.weigh(wordsOf(query), this.#moment);
    this.#best = new Best(request.limit, compareStandings);
  }

  hits(): TraceHit[] {
    if (this.#request.query === "") this.#considerAll();
    else this.#considerMatches();
    return this.#best.sorted.map((standing) => this.#hit(standing));
  }

  #considerAll(): void {
    this.#index.visit(this.#moment, (document) => this.#consider(document, 0), this.#candidates);
  }

  #considerMatches(): void {
    this.#query.visit({
      take: (document, score) => {
        if (this.#candidates?.has(document) !== false) this.#consider(document, score);
      },
      isHopeless: (score) => score < (this.#best.worst?.score ?? 0),
    });
  }

  #consider(document: number, score: number): void {
    // Most are not good enough, which their scores tell: to look at a trace itself costs more than the score did.
    if (this.#isHopeless(document, score)) return;
    const { trace } = this.#index.document(document);
    const own = this.#standing(trace, score);
    if (!own || !this.#best.wants(own) || !this.#passes(own.view.version)) return;
    const placed = this.#belowSuccessors(own, trace);
    if (this.#best.wants(placed)) this.#best.add(placed);
  }

  /** A successor can only make a trace stand lower. */
  #isHopeless(document: number, score: number): boolean {
    const { worst } = this.#best;
    if (!worst) return false;
    if (score !== worst.score) return score < worst.score;
    return this.#index.updatedUntil(document, this.#moment) < worst.recency;
  }

  /** @returns undefined where it may not be shown; whether tags and text fit is asked later, since that costs more */
  #standing(trace: StoredTrace, score?: number): Standing | undefined {
    const view = viewAt(trace, this.#moment)!;
    if (view.updatedAt < this.#earliest || (view.retired && !this.#request.include_retired)) return undefined;
    const own = score ?? this.#query.scoreOf(view.version.document);
    if (own === 0 && this.#request.query !== "") return undefined;
    return { view, score: own, recency: view.updatedAt, below: null, depth: 0 };
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
    const { traces, meanLength } = this.#query.corpus;
    return {
      bm25: this.#query.scoreOf(document),
      traces,
      mean_length: meanLength,
      ...this.#query.explain(document),
      superseded_by: below,
      recency: formatMoment(recency),
    };
  }
}
