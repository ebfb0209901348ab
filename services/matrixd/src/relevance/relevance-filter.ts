import type { RelevanceRequest, RelevanceResult, WeighedChunk } from "@lakehouse/contracts";
import type { RequestContext } from "@lakehouse/core";
import type { Embedder } from "../retrieval/embedder.ts";
import type { MatrixMetrics } from "../retrieval/metrics.ts";
import { RELEVANCE_THRESHOLD } from "./limits.ts";
import { relevanceTo } from "./score.ts";

/** Keeps the chunks that are about a focus, and drops those that only sit near it. */
export class RelevanceFilter {
  readonly #embedder: Embedder;
  readonly #metrics: MatrixMetrics;

  constructor(embedder: Embedder, metrics: MatrixMetrics) {
    this.#embedder = embedder;
    this.#metrics = metrics;
  }

  /** @throws LakehouseError as `Embedder.embed` */
  async filter(
    { focus, chunks, threshold = RELEVANCE_THRESHOLD }: RelevanceRequest,
    context: RequestContext,
  ): Promise<RelevanceResult> {
    const weighed = await this.#weigh(focus, chunks, context);
    const kept = weighed.filter(({ score }) => score >= threshold);
    const dropped = weighed.filter(({ score }) => score < threshold);
    this.#metrics.countChunks("kept", kept.length);
    this.#metrics.countChunks("dropped", dropped.length);
    return { kept, dropped };
  }

  async #weigh(focus: string, chunks: RelevanceRequest["chunks"], context: RequestContext): Promise<WeighedChunk[]> {
    const texts = [focus, ...chunks.map(({ text }) => text)];
    const fieldOf = (place: number) => (place === 0 ? "focus" : `chunks.${place - 1}.text`);
    const { vectors } = await this.#embedder.embed(texts, fieldOf, context);
    const score = relevanceTo({ text: focus, vector: vectors[0]! });
    return chunks.map((chunk, place) => ({
      ...chunk,
      score: score({ text: chunk.text, vector: vectors[place + 1]! }),
    }));
  }
}
