import type { RequestContext } from "@lakehouse/contracts";
import { z } from "zod";
import type { EmbeddingProvider } from "../embedding-provider.ts";
import { ProviderHttp } from "./provider-http.ts";

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
    this.#http = new ProviderHttp({ ...options, provider: "openai" });
  }

  /** In the order of `index`, which says whose vector it is; the list need not be in that order. */
  async embed(model: string, input: readonly string[], context: RequestContext): Promise<unknown[][]> {
    const { success, data } = answerSchema.safeParse(await this.#http.post("/embeddings", { model, input }, context));
    if (!success) throw this.#http.badAnswer("something else than a list of vectors");
    const vectors: unknown[][] = [];
    for (const [place, { embedding, index = place }] of data.data.entries()) {
      const isFree = index < data.data.length && vectors[index] === undefined;
      if (!isFree) throw this.#http.badAnswer(`an index ${index} that fits no text, or two`);
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
