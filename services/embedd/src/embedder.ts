import type { EmbedRequest, EmbedStats } from "@lakehouse/contracts";
import { LakehouseError, type RequestContext } from "@lakehouse/core";
import { unlessAborted } from "@lakehouse/server";
import { askProvider, type Outcome, TextError } from "./ask-provider.ts";
import { Dimensions } from "./dimensions.ts";
import type { EmbeddingProvider } from "./providers/embedding-provider.ts";
import { type KeyedText, SharedCalls } from "./shared-calls.ts";
import { VectorCache, vectorKey } from "./vector-cache.ts";
import type { RenderedVector } from "./vector-json.ts";

export interface EmbedderOptions {
  provider: EmbeddingProvider;
  /** Used where a request names none; empty for the provider's own default. */
  model: string;
  /** 0 to learn it from each model's first good answer. */
  dimension: number;
  /** Texts whose vectors are remembered; 0 for none. */
  cacheSize: number;
  batchTimeoutMs: number;
}

export interface Embeddings {
  model: string;
  /** In the order of the texts. */
  vectors: readonly RenderedVector[];
}

/** Texts to vectors: from the cache, from what is being asked for already, or from the provider. */
export class Embedder {
  readonly #provider: EmbeddingProvider;
  readonly #model: string;
  readonly #batchTimeoutMs: number;
  readonly #dimensions: Dimensions;
  readonly #cache: VectorCache;
  readonly #calls: SharedCalls;

  constructor({ provider, model, dimension, cacheSize, batchTimeoutMs }: EmbedderOptions) {
    this.#provider = provider;
    this.#model = model || provider.defaultModel;
    this.#batchTimeoutMs = batchTimeoutMs;
    this.#dimensions = new Dimensions(dimension || (provider.dimension ?? 0));
    this.#cache = new VectorCache(cacheSize);
    this.#calls = new SharedCalls((...asked) => this.#ask(...asked));
  }

  /**
   * All vectors or none; what was found beside a text that failed is remembered all the same.
   * @throws LakehouseError `upstream_unavailable`, `upstream_timeout` (also when the batch's time is over), `upstream_error`,
   *   `rate_limited`, `quota_exhausted`, `bad_upstream_answer`; with `details.position` where one text is at fault
   */
  async embed({ texts, model = this.#model }: EmbedRequest, context: RequestContext): Promise<Embeddings> {
    const keyed = texts.map((text) => keyedText(model, text));
    const vectors = keyed.map(({ key }) => this.#cache.get(key));
    const missing = [...vectors.keys()].filter((position) => vectors[position] === undefined);
    if (missing.length > 0) {
      const found = await this.#find(model, keyed, missing, context);
      for (const [index, position] of missing.entries()) vectors[position] = found[index];
    }
    return { model, vectors: vectors as RenderedVector[] };
  }

  stats(): EmbedStats {
    const dimension = this.#dimensions.of(this.#model) ?? null;
    return { ...this.#cache.stats(), provider: this.#provider.name, model: this.#model, dimension };
  }

  /** Texts that wait for the provider. */
  waiting(): number {
    return this.#calls.size;
  }

  async #find(model: string, keyed: readonly KeyedText[], missing: readonly number[], context: RequestContext) {
    const deadline = AbortSignal.timeout(this.#batchTimeoutMs);
    const signal = AbortSignal.any([context.signal, deadline]);
    const wanted = missing.map((position) => keyed[position]!);
    const share = this.#calls.join(model, wanted, context);
    try {
      const vectors = share.vectors.map((vector, index) => positioned(vector, missing[index]!));
      return await unlessAborted(Promise.all(vectors), signal);
    } catch (error) {
      throw deadline.aborted && !context.signal.aborted ? this.#tooSlow(error) : error;
    } finally {
      share.release();
    }
  }

  async #ask(model: string, texts: readonly KeyedText[], context: RequestContext): Promise<Outcome[]> {
    const bare = texts.map(({ text }) => text);
    const outcomes = await askProvider(this.#provider, this.#dimensions, model, bare, context);
    for (const [place, outcome] of outcomes.entries()) {
      if (!(outcome instanceof TextError)) this.#cache.set(texts[place]!.key, outcome);
    }
    return outcomes;
  }

  #tooSlow(cause: unknown): LakehouseError {
    const upstream = this.#provider.name;
    const message = `${upstream} has not embedded the batch within ${this.#batchTimeoutMs} ms.`;
    return new LakehouseError("upstream_timeout", message, { details: { upstream }, cause });
  }
}

/** Half a surrogate pair is no text that could be sent on; it becomes U+FFFD, for the digest as for the provider. */
function keyedText(model: string, given: string): KeyedText {
  const text = given.toWellFormed();
  return { key: vectorKey(model, text), text };
}

/** Tells which text of the request is at fault. */
async function positioned(vector: Promise<RenderedVector>, position: number): Promise<RenderedVector> {
  try {
    return await vector;
  } catch (error) {
    throw error instanceof TextError ? error.cause.withDetails({ position }) : error;
  }
}
