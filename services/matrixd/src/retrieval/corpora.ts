import { PreparedSearch, type SearchInput, type VectorClient } from "@lakehouse/clients";
import type { ErrorCode, IndexInfo, SearchHit, StoredItem } from "@lakehouse/contracts";
import { isLakehouseError, LakehouseError, type RequestContext } from "@lakehouse/core";
import { toLakehouseError } from "@lakehouse/server";
import type { MatrixMetrics } from "./metrics.ts";

/** What one corpus gave, nearest first. */
export interface CorpusHits {
  corpus: string;
  hits: SearchHit[];
}

/** vectord's indexes, seen as corpora: asked side by side, all of them or none. */
export class Corpora {
  readonly #vectors: VectorClient;
  readonly #metrics: MatrixMetrics;

  constructor(vectors: VectorClient, metrics: MatrixMetrics) {
    this.#vectors = vectors;
    this.#metrics = metrics;
  }

  /** All that vectord serves, by name. @throws LakehouseError as `VectorClient.listIndexes` */
  async list(context: RequestContext): Promise<IndexInfo[]> {
    return (await this.#vectors.listIndexes(context)).indexes;
  }

  /**
   * What each is now. Asked anew for every search, beside it: a corpus that was made anew with another metric would be merged
   * wrongly, in silence, for as long as a cache remembered the old one.
   * @throws LakehouseError `corpus_failed`
   */
  async infos(corpora: readonly string[], context: RequestContext): Promise<IndexInfo[]> {
    return Promise.all(corpora.map((corpus) => inCorpus(corpus, () => this.#vectors.index(corpus, context))));
  }

  /** In the order of `corpora`. @throws LakehouseError `corpus_failed`, `invalid_vector` */
  async search(corpora: readonly string[], search: SearchInput, context: RequestContext): Promise<CorpusHits[]> {
    const prepared = new PreparedSearch(search);
    return Promise.all(corpora.map((corpus) => this.#searchOne(corpus, prepared, context)));
  }

  /** Those that are still there. @throws LakehouseError `corpus_failed` */
  async items(corpus: string, ids: readonly string[], context: RequestContext): Promise<StoredItem[]> {
    const found = await Promise.all(ids.map((id) => inCorpus(corpus, () => this.#item(corpus, id, context))));
    return found.filter((item) => item !== undefined);
  }

  async #searchOne(corpus: string, search: PreparedSearch, context: RequestContext): Promise<CorpusHits> {
    const { results } = await inCorpus(corpus, () =>
      this.#metrics.timed(() => this.#vectors.search(corpus, search, context), context.signal),
    );
    return { corpus, hits: results };
  }

  async #item(corpus: string, id: string, context: RequestContext): Promise<StoredItem | undefined> {
    try {
      return await this.#vectors.item(corpus, id, context);
    } catch (error) {
      if (isLakehouseError(error, "item_not_found")) return undefined;
      throw error;
    }
  }
}

/** Faults of the query that only its corpus can tell: the client's own to mend. */
const faultsOfQuery = new Set<ErrorCode>(["invalid_vector", "payload_too_large"]);

/**
 * Makes a failure that of its corpus.
 * @throws LakehouseError `corpus_failed` with `details` `{corpus, cause: {code, error, details?}}`, or the fault of the query with `{corpus}`
 */
export async function inCorpus<T>(corpus: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, message, details, retryAfterSeconds } = toLakehouseError(error);
    if (faultsOfQuery.has(code)) throw new LakehouseError(code, `${corpus}: ${message}`, { details: { corpus } });
    throw new LakehouseError("corpus_failed", `The corpus ${corpus} could not be searched: ${message}`, {
      details: { corpus, cause: { code, error: message, ...(details === undefined ? {} : { details }) } },
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      cause: error,
    });
  }
}
