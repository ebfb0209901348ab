import { setImmediate as nextTurn } from "node:timers/promises";
import type { RequestContext } from "@lakehouse/core";
import type { EmbeddingProvider } from "../providers/embedding-provider.ts";
import { embedText } from "./embed-text.ts";
import { HASHING_SLICE_MS } from "./limits.ts";

/** Of the vectors that `embedText` makes; stored vectors are of use only beside others of this name. */
const HASHING_MODEL = "hashing-v1";
export const HASHING_DIMENSION = 768;

/**
 * The embedded default: no network, no model, the same vector for a text on any machine. There is one space of vectors, whichever
 * model a request names, so that a client which was written for a model works on a laptop that has none.
 */
export class HashingProvider implements EmbeddingProvider {
  readonly name = "hashing";
  readonly defaultModel = HASHING_MODEL;
  readonly dimension: number;

  constructor(dimension = HASHING_DIMENSION) {
    this.dimension = dimension;
  }

  async embed(_model: string, texts: readonly string[], { signal }: RequestContext): Promise<Float32Array[]> {
    const vectors: Float32Array[] = [];
    let sliceEnd = performance.now() + HASHING_SLICE_MS;
    for (const text of texts) {
      if (performance.now() > sliceEnd) {
        await nextTurn(undefined, { signal });
        sliceEnd = performance.now() + HASHING_SLICE_MS;
      }
      vectors.push(embedText(text, this.dimension));
    }
    return vectors;
  }

  async ping(): Promise<void> {} // it is this process

  async close(): Promise<void> {} // it holds nothing
}
