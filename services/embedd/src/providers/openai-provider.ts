import { checkAnswer, ProviderHttp } from "@lakehouse/clients/provider";
import type { RequestContext } from "@lakehouse/core";
import { z } from "zod";
import type { EmbeddingProvider } from "./embedding-provider.ts";
import { RETRY_POLICY } from "./limits.ts";

export interface OpenaiOptions {
  /** Version folder included, such as `https://api.openai.com/v1`. */
  baseUrl: string;
  timeoutMs: number;
  /** Empty where the server wants none. */
  key: string;
}

const answerSchema = z.object({
  data: z.array(z.object({ embedding: z.array(z.unknown()), index: z.int().nonnegative().exactOptional() })),
});

/** OpenAI, or any server that speaks its `/embeddings`. */
export class OpenaiProvider implements EmbeddingProvider {
  readonly name = "openai";
  readonly defaultModel = "text-embedding-3-small";
  readonly #http: ProviderHttp;

  constructor(options: OpenaiOptions) {
    this.#http = new ProviderHttp({ ...options, provider: "openai", retry: RETRY_POLICY });
  }

  /** In the order of `index`, which says whose vector it is; the list need not be in that order. */
  async embed(model: string, input: readonly string[], context: RequestContext): Promise<unknown[][]> {
    using call = this.#http.call("/embeddings", { model, input }, context);
    const { data } = checkAnswer(answerSchema, await call.json(), call.errors, "a list of vectors");
    const vectors: unknown[][] = [];
    for (const [place, { embedding, index = place }] of data.entries()) {
      const isFree = index < data.length && vectors[index] === undefined;
      if (!isFree) throw call.errors.badAnswer(`an index ${index} that fits no text, or two`);
      vectors[index] = embedding;
    }
    return vectors;
  }

  ping(context: RequestContext): Promise<void> {
    return this.#http.reach("/models", context);
  }

  close(): Promise<void> {
    return this.#http.close();
  }
}
