import type { VectorClient } from "@lakehouse/clients";
import type { Playbook, RecordPlaybookRequest, RecordPlaybookResult, VectorItem } from "@lakehouse/contracts";
import { isLakehouseError, type RequestContext } from "@lakehouse/core";
import { inCorpus } from "../retrieval/corpora.ts";
import type { Embedder, Query } from "../retrieval/embedder.ts";
import type { MatrixMetrics } from "../retrieval/metrics.ts";
import type { PastAnswer } from "./lift.ts";
import { NEAR_PLAYBOOKS_MAX } from "./limits.ts";
import { playbookId, playbookIndexName } from "./playbook-index.ts";

export interface PlaybooksDependencies {
  vectors: VectorClient;
  embedder: Embedder;
  /** How near a past query must be. */
  maxDistance: number;
  metrics: MatrixMetrics;
}

/** Which answers served which queries: an index of vectord by the vectors of the queries, so they are as durable as any vector. */
export class Playbooks {
  readonly #vectors: VectorClient;
  readonly #embedder: Embedder;
  readonly #maxDistance: number;
  readonly #metrics: MatrixMetrics;

  constructor({ vectors, embedder, maxDistance, metrics }: PlaybooksDependencies) {
    this.#vectors = vectors;
    this.#embedder = embedder;
    this.#maxDistance = maxDistance;
    this.#metrics = metrics;
  }

  /** Durable once it is answered. @throws LakehouseError `storage_unavailable`, `index_damaged`, and as `Embedder.embed` */
  async record(request: RecordPlaybookRequest, context: RequestContext): Promise<RecordPlaybookResult> {
    const { query_text, answer_corpus, answer_id } = request;
    const { vector, model } = await this.#embedder.query({ query_text }, context);
    const id = playbookId(query_text, answer_corpus, answer_id);
    const playbook: Playbook = { id, ...request, recorded_at: new Date().toISOString() };
    const { id: _, ...metadata } = playbook;
    const index = playbookIndexName(model!, vector.length);
    const existing = await this.#put(index, { id, vector: [...vector], metadata }, context);
    this.#metrics.countRecorded();
    return { playbook, existing };
  }

  /**
   * Answers in these corpora that served queries near this one. Of an answer that served several, the nearest query decides.
   * @throws LakehouseError `corpus_failed` with the name of the index
   */
  async near(query: Query, corpora: readonly string[], context: RequestContext): Promise<PastAnswer[]> {
    const model = query.model ?? (await this.#embedder.currentModel(context));
    const index = playbookIndexName(model, query.vector.length);
    const answers = new Map<string, PastAnswer>();
    for (const { distance, metadata } of await this.#nearest(index, query, corpora, context)) {
      const { answer_corpus: corpus, answer_id: id, score } = metadata as unknown as Playbook;
      const key = JSON.stringify([corpus, id]);
      if (distance <= this.#maxDistance && !answers.has(key)) answers.set(key, { corpus, id, score });
    }
    return [...answers.values()].filter(({ score }) => score > 0);
  }

  async #nearest(index: string, { vector }: Query, corpora: readonly string[], context: RequestContext) {
    const search = { vector: [...vector], k: NEAR_PLAYBOOKS_MAX, filter: { answer_corpus: [...corpora] } };
    try {
      return (await this.#vectors.search(index, search, context)).results;
    } catch (error) {
      if (isUnknownIndex(error)) return []; // nothing was ever recorded
      return inCorpus(index, () => Promise.reject(error));
    }
  }

  /** The index is made when the first playbook comes; of two that come at once both find it. @returns whether it was there */
  async #put(index: string, item: VectorItem, context: RequestContext): Promise<boolean> {
    try {
      return (await this.#vectors.add(index, [item], context)).updated > 0;
    } catch (error) {
      if (!isUnknownIndex(error)) throw error;
    }
    await this.#create(index, item.vector.length, context);
    return (await this.#vectors.add(index, [item], context)).updated > 0;
  }

  async #create(name: string, dimension: number, context: RequestContext): Promise<void> {
    try {
      await this.#vectors.createIndex({ name, dimension }, context);
    } catch (error) {
      if (!isLakehouseError(error, "index_exists")) throw error;
    }
  }
}

function isUnknownIndex(error: unknown): boolean {
  return isLakehouseError(error, "index_not_found");
}
