import type { SearchInput } from "@lakehouse/clients";
import type {
  Downgrade,
  DowngradeRequest,
  IndexInfo,
  MatrixSearchRequest,
  MatrixSearchResult,
} from "@lakehouse/contracts";
import type { RequestContext } from "@lakehouse/core";
import type { DowngradePolicy } from "./downgrade.ts";
import type { PastAnswer } from "./playbooks/lift.ts";
import type { PlaybookLift } from "./playbooks/playbook-lift.ts";
import type { Playbooks } from "./playbooks/playbooks.ts";
import { areComparable, assertComparable } from "./retrieval/comparable.ts";
import type { Corpora, CorpusHits } from "./retrieval/corpora.ts";
import { awaitedLater, withDeadline } from "./retrieval/deadline.ts";
import type { Embedder, Query } from "./retrieval/embedder.ts";
import { fuse, type RankedCorpus } from "./retrieval/fusion.ts";

export interface MatrixSearchDependencies {
  corpora: Corpora;
  embedder: Embedder;
  playbooks: Playbooks;
  playbookLift: PlaybookLift;
  downgradePolicy: DowngradePolicy;
  /** Of a whole search: embedding, all corpora, and what playbooks bring in. */
  deadlineMs: number;
}

type Retrieval = Omit<MatrixSearchRequest, "model">;

interface Retrieved {
  query: Query;
  found: CorpusHits[];
  /** Of the corpora, where they have to compare. */
  infos: IndexInfo[];
  answers: PastAnswer[];
}

/** One query over many corpora at once: the answer of all or none, since a partial one would lie about what was looked through. */
export class MatrixSearch {
  readonly #parts: MatrixSearchDependencies;

  constructor(parts: MatrixSearchDependencies) {
    this.#parts = parts;
  }

  /** @throws LakehouseError `corpora_incomparable`, `corpus_failed`, `invalid_vector`, and as `Embedder.embed` */
  async search(request: MatrixSearchRequest, context: RequestContext): Promise<MatrixSearchResult> {
    return withDeadline(context, this.#parts.deadlineMs, async (shared) => {
      const retrieved = await this.#retrieve(request, shared);
      const ranked = await this.#parts.playbookLift.apply({ ...retrieved, filter: request.filter }, shared);
      const downgrade = this.#decide(request, ranked, retrieved.infos);
      return answer(request, retrieved.found, ranked, downgrade);
    });
  }

  /** What `search` would make of the corpora for this model. @throws LakehouseError as `search` */
  async downgrade({ model, ...asked }: DowngradeRequest, context: RequestContext): Promise<Downgrade> {
    const { downgradePolicy, deadlineMs } = this.#parts;
    const hasQuery = asked.query_text !== undefined || asked.query_vector !== undefined;
    if (!hasQuery || !downgradePolicy.cuts(model, asked.corpora)) {
      return downgradePolicy.decide(model, asked.corpora, undefined);
    }
    const retrieval: Retrieval = { ...asked, k: 1, fusion: "distance", use_playbook: false };
    const { found } = await withDeadline(context, deadlineMs, (shared) => this.#retrieve(retrieval, shared));
    return downgradePolicy.decide(model, asked.corpora, nearestCorpus(found));
  }

  /** The text is embedded once; everything else goes out at the same time. */
  async #retrieve(request: Retrieval, context: RequestContext): Promise<Retrieved> {
    const { corpora, fusion, use_playbook } = request;
    const query = await this.#parts.embedder.query(request, context);
    const searching = awaitedLater(this.#parts.corpora.search(corpora, corpusSearch(request, query), context));
    const remembering = awaitedLater(
      use_playbook ? this.#parts.playbooks.near(query, corpora, context) : Promise.resolve([]),
    );
    const mustCompare = corpora.length > 1 || use_playbook;
    const infos = await this.#parts.corpora.infos(mustCompare ? corpora : [], context);
    // Before the searches are looked at: a query can't have the dimension of all corpora where they have several.
    if (fusion === "distance") assertComparable(infos);
    return { query, infos, found: await searching, answers: await remembering };
  }

  #decide({ model, corpora }: MatrixSearchRequest, ranked: RankedCorpus[], infos: IndexInfo[]): Downgrade | undefined {
    if (model === undefined) return undefined;
    return this.#parts.downgradePolicy.decide(model, corpora, areComparable(infos) ? nearestCorpus(ranked) : undefined);
  }
}

function corpusSearch({ k, per_corpus_k, filter }: Retrieval, { vector }: Query): SearchInput {
  return {
    vector: [...vector],
    k: per_corpus_k ?? k,
    ...(filter && { filter: Object.fromEntries(filter) }),
  };
}

function nearestCorpus(lists: readonly RankedCorpus[]): string | undefined {
  return fuse(lists, "distance", 1)[0]?.corpus;
}

function answer(
  { corpora, fusion, k }: MatrixSearchRequest,
  found: readonly CorpusHits[],
  ranked: readonly RankedCorpus[],
  downgrade: Downgrade | undefined,
): MatrixSearchResult {
  const kept = new Set(downgrade?.corpora ?? corpora);
  const isKept = ({ corpus }: { corpus: string }) => kept.has(corpus);
  const counts = found.filter(isKept).map(({ corpus, hits }) => [corpus, hits.length]);
  return {
    results: fuse(ranked.filter(isKept), fusion, k),
    per_corpus_counts: Object.fromEntries(counts),
    ...(downgrade && { downgrade }),
  };
}
