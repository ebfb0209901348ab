import { hash } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { RenderedVector } from "./vector-json.ts";

/** The vectors of the texts that were asked for last. A capacity of 0 turns it off. */
export class VectorCache {
  readonly capacity: number;
  readonly #vectors: LRUCache<string, RenderedVector> | undefined;
  #hits = 0;
  #misses = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#vectors = capacity > 0 ? new LRUCache({ max: capacity }) : undefined;
  }

  get(key: string): RenderedVector | undefined {
    if (!this.#vectors) return undefined;
    const vector = this.#vectors.get(key);
    if (vector) this.#hits += 1;
    else this.#misses += 1;
    return vector;
  }

  set(key: string, vector: RenderedVector): void {
    this.#vectors?.set(key, vector);
  }

  /** Figures since the start; without a cache nothing is looked up, so there are none. */
  stats(): { enabled: boolean; hits: number; misses: number; hit_rate: number; size: number; capacity: number } {
    const hits = this.#hits;
    const misses = this.#misses;
    return {
      enabled: this.#vectors !== undefined,
      hits,
      misses,
      hit_rate: hits === 0 ? 0 : hits / (hits + misses),
      size: this.#vectors?.size ?? 0,
      capacity: this.capacity,
    };
  }
}

/** What tells two vectors apart: the model, and the text by its digest. The digest has one length, so no key can be read in two ways. */
export function vectorKey(model: string, text: string): string {
  return hash("sha256", text, "binary") + model;
}
