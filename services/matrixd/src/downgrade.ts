import type { Downgrade } from "@lakehouse/contracts";
import type { Config } from "@lakehouse/server";

type Models = Config["models"];

/**
 * A weak model gets the whole matrix, since it needs all the context there is. A strong one reads what is beside the point as
 * if it mattered, so it gets the one corpus that is most to the point.
 */
export class DowngradePolicy {
  readonly #tiers: ReadonlyMap<string, string>;
  readonly #weak: ReadonlySet<string>;

  constructor({ weak_models, ...tiers }: Models) {
    this.#tiers = new Map(Object.entries(tiers));
    this.#weak = new Set(weak_models.map((model) => this.#resolved(model)));
  }

  /** Whether `model` is cut to one of so many corpora. */
  cuts(model: string, corpora: readonly string[]): boolean {
    return corpora.length > 1 && !this.#weak.has(this.#resolved(model));
  }

  /** @param nearest the corpus with the nearest hit, where one is known */
  decide(model: string, corpora: readonly string[], nearest: string | undefined): Downgrade {
    if (!this.cuts(model, corpora)) return { downgraded: false, corpora: [...corpora], reason: this.#whyWhole(model) };
    const why = nearest === undefined ? "which is named first" : "which has the nearest hit";
    const kept = nearest ?? corpora[0]!;
    const reason = `${model} is not one of models.weak_models: it is cut to ${kept}, ${why}.`;
    return { downgraded: true, corpora: [kept], reason };
  }

  #whyWhole(model: string): string {
    return this.#weak.has(this.#resolved(model))
      ? `${model} is one of models.weak_models: it gets the whole matrix.`
      : "One corpus is all there is.";
  }

  /** As chatd does: a tier is its model, and `ollama/<m>` is `<m>`. */
  #resolved(model: string): string {
    return (this.#tiers.get(model) ?? model).replace(/^ollama\//, "");
  }
}
