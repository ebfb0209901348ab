import type { ChatProviderName, CompletionUsage } from "@lakehouse/contracts";
import { outcomeOf } from "@lakehouse/server";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { METERED_MODELS_MAX } from "./limits.ts";
import type { CallOutcome, ProviderDoor } from "./provider-door.ts";

/** One call to a provider, when it has ended. */
export interface EndedCall {
  provider: ChatProviderName;
  model: string;
  outcome: CallOutcome;
  ms: number;
  /** Until the answer, thinking aside, began; of one that is not streamed, until it came. Undefined where none did. */
  firstWordMs: number | undefined;
  usage: CompletionUsage | undefined;
}

const labelNames = ["provider", "model"] as const;
const buckets = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** Calls, failures by code, tokens, latency and time to first token, by provider and model. */
export class ChatMetrics {
  readonly #models = new Set<string>();
  readonly #calls: Counter<"provider" | "model" | "outcome">;
  readonly #tokens: Counter<"provider" | "model" | "direction">;
  readonly #seconds: Histogram<"provider" | "model">;
  readonly #firstToken: Histogram<"provider" | "model">;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#calls = new Counter({
      name: "chatd_calls_total",
      help: "Calls to providers by outcome: ok, given_up where the client left, or the code of the error.",
      labelNames: [...labelNames, "outcome"],
      registers,
    });
    this.#tokens = new Counter({
      name: "chatd_tokens_total",
      help: "Tokens as providers count them: input and output.",
      labelNames: [...labelNames, "direction"],
      registers,
    });
    this.#seconds = new Histogram({
      name: "chatd_call_duration_seconds",
      help: "From the request to the end of the answer, of calls that were answered.",
      labelNames,
      buckets,
      registers,
    });
    this.#firstToken = new Histogram({
      name: "chatd_first_token_seconds",
      help: "From the request to the answer's first piece, thinking aside; to the whole of it where it is not streamed.",
      labelNames,
      buckets,
      registers,
    });
  }

  ended({ provider, model, outcome, ms, firstWordMs, usage }: EndedCall): void {
    const labels = { provider, model: this.#labelOf(`${provider}/${model}`, model) };
    this.#calls.inc({ ...labels, outcome: wordFor(outcome) });
    if (outcome === "answered") this.#seconds.observe(labels, ms / 1_000);
    if (firstWordMs !== undefined) this.#firstToken.observe(labels, firstWordMs / 1_000);
    if (!usage) return;
    this.#tokens.inc({ ...labels, direction: "input" }, usage.prompt_tokens);
    this.#tokens.inc({ ...labels, direction: "output" }, usage.completion_tokens);
  }

  /** What is under way and what cools down, read when it is asked for. */
  addStateGauges(registry: Registry, doors: readonly ProviderDoor[]): void {
    const gauges = {
      chatd_calls_in_flight: ["Calls under way.", (door) => door.underWay],
      chatd_provider_cooling_down: [
        "1 while a provider that kept failing is left alone.",
        (door) => (door.coolingDown ? 1 : 0),
      ],
    } satisfies Record<string, [string, (door: ProviderDoor) => number]>;
    for (const [name, [help, read]] of Object.entries(gauges)) {
      new Gauge({
        name,
        help,
        labelNames: ["provider"],
        registers: [registry],
        collect() {
          for (const door of doors) this.set({ provider: door.provider.name }, read(door));
        },
      });
    }
  }

  /** Clients name models as they like, so those that come late are counted together. */
  #labelOf(key: string, model: string): string {
    if (!this.#models.has(key) && this.#models.size >= METERED_MODELS_MAX) return "other";
    this.#models.add(key);
    return model;
  }
}

function wordFor(outcome: CallOutcome): string {
  if (outcome === "answered") return "ok";
  if (outcome === "given_up") return outcome;
  return outcomeOf(outcome.error);
}
