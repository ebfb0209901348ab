import type { Filter, IndexInfo, SearchHit } from "@lakehouse/contracts";
import { meetsFilter, type RequestContext } from "@lakehouse/core";
import type { Corpora, CorpusHits } from "../retrieval/corpora.ts";
import type { Query } from "../retrieval/embedder.ts";
import type { RankedCorpus } from "../retrieval/fusion.ts";
import type { MatrixMetrics } from "../retrieval/metrics.ts";
import { distanceBetween, liftHits, type PastAnswer } from "./lift.ts";

export interface Liftable {
  query: Query;
  found: readonly CorpusHits[];
  /** Of the corpora, where there are answers. */
  infos: readonly IndexInfo[];
  answers: readonly PastAnswer[];
  filter: Filter | undefined;
}

/** Lifts what served queries near this one, also where retrieval missed it. */
export class PlaybookLift {
  readonly #corpora: Corpora;
  readonly #metrics: MatrixMetrics;

  constructor(corpora: Corpora, metrics: MatrixMetrics) {
    this.#corpora = corpora;
    this.#metrics = metrics;
  }

  /** @throws LakehouseError `corpus_failed` */
  async apply({ found, answers, ...rest }: Liftable, context: RequestContext): Promise<RankedCorpus[]> {
    return Promise.all(
      found.map(async ({ corpus, hits }) => {
        const own = answers.filter((answer) => answer.corpus === corpus);
        const missed = own.filter(({ id }) => !hits.some((hit) => hit.id === id));
        const broughtIn = await this.#bringIn(corpus, missed, rest, context);
        this.#metrics.countHits("brought_in", broughtIn.length);
        this.#metrics.countHits("lifted", own.length - missed.length);
        return { corpus, hits: liftHits([...hits, ...broughtIn], own) };
      }),
    );
  }

  /** Of the answers that retrieval missed those that are still there and meet the filter, as far away as they truly are. */
  async #bringIn(
    corpus: string,
    missed: readonly PastAnswer[],
    { query, infos, filter = [] }: Pick<Liftable, "query" | "infos" | "filter">,
    context: RequestContext,
  ): Promise<SearchHit[]> {
    if (missed.length === 0) return [];
    const ids = missed.map(({ id }) => id);
    const items = await this.#corpora.items(corpus, ids, context);
    const { distance: metric } = infos.find(({ name }) => name === corpus)!;
    return items
      .filter(({ metadata }) => meetsFilter(metadata, filter))
      .map(({ id, vector, metadata }) => ({ id, distance: distanceBetween(query.vector, vector, metric), metadata }));
  }
}
