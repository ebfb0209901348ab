import { checkAnswer, ProviderHttp } from "@lakehouse/clients/provider";
import { isLakehouseError, type RequestContext } from "@lakehouse/core";
import { z } from "zod";
import type { EmbeddingProvider } from "./embedding-provider.ts";
import { RETRY_POLICY } from "./limits.ts";

export interface OllamaOptions {
  baseUrl: string;
  timeoutMs: number;
}

const numbersSchema = z.array(z.unknown());
const batchSchema = z.object({ embeddings: z.array(numbersSchema) });
const singleSchema = z.object({ embedding: numbersSchema });

/**
 * A local Ollama. `/api/embed` takes a batch and gives vectors of length 1; servers before 0.3 have only `/api/embeddings`, which
 * takes one text and gives its vector as the model made it. The caller brings either to length 1, so they never mix.
 */
export class OllamaProvider implements EmbeddingProvider {
  readonly name = "ollama";
  readonly defaultModel = "nomic-embed-text";
  readonly #http: ProviderHttp;

  constructor(options: OllamaOptions) {
    this.#http = new ProviderHttp({ ...options, provider: "ollama", key: "", retry: RETRY_POLICY });
  }

  async embed(model: string, texts: readonly string[], context: RequestContext): Promise<unknown[][]> {
    try {
      return await this.#embedBatch(model, texts, context);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return await this.#embedOneByOne(model, texts, context);
    }
  }

  ping(context: RequestContext): Promise<void> {
    return this.#http.reach("/api/version", context);
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  async #embedBatch(model: string, input: readonly string[], context: RequestContext): Promise<unknown[][]> {
    using call = this.#http.call("/api/embed", { model, input }, context);
    return checkAnswer(batchSchema, await call.json(), call.errors, "a list of vectors").embeddings;
  }

  /** One after the other: an Ollama that old embeds one text at a time anyway. */
  async #embedOneByOne(model: string, texts: readonly string[], context: RequestContext): Promise<unknown[][]> {
    const vectors: unknown[][] = [];
    for (const prompt of texts) {
      using call = this.#http.call("/api/embeddings", { model, prompt }, context);
      vectors.push(checkAnswer(singleSchema, await call.json(), call.errors, "a vector").embedding);
    }
    return vectors;
  }
}

/** No such route; or no such model, which the other route then says in its own words. */
function isNotFound(error: unknown): boolean {
  if (!isLakehouseError(error, "upstream_error")) return false;
  return error.details?.status === 404;
}
