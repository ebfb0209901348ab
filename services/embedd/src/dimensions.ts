import { LRUCache } from "lru-cache";
import { MODELS_MAX } from "./limits.ts";

/** How many numbers a model's vectors have: as configured, for every model; else as each model's first good answer had it. */
export class Dimensions {
  readonly #configured: number | undefined;
  readonly #learnt = new LRUCache<string, number>({ max: MODELS_MAX });

  /** @param configured 0 to learn */
  constructor(configured: number) {
    this.#configured = configured === 0 ? undefined : configured;
  }

  /** Undefined while nothing is known of the model. */
  of(model: string): number | undefined {
    return this.#configured ?? this.#learnt.get(model);
  }

  /** What the model's vectors must have, from now on, seeing that it gave one of `offered` numbers. */
  hold(model: string, offered: number): number {
    const known = this.of(model);
    if (known === undefined) this.#learnt.set(model, offered);
    return known ?? offered;
  }
}
