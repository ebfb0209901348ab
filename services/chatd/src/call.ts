import type { ChatSummary, CompletionUsage, Saying } from "@lakehouse/contracts";
import { isLakehouseError, LakehouseError } from "@lakehouse/core";
import type { ChatMetrics } from "./metrics.ts";
import type { CallOutcome, ProviderDoor } from "./provider-door.ts";

/** One call to a provider: what was heard of it so far, and, once, how it ended. */
export class Call {
  readonly #door: ProviderDoor;
  readonly #model: string;
  readonly #metrics: ChatMetrics;
  readonly #started = performance.now();
  #firstWordMs: number | undefined;
  #finishReason: string | undefined;
  #usage: CompletionUsage | undefined;
  #outcome: CallOutcome | undefined;

  /** @throws LakehouseError `provider_busy`, `upstream_unavailable` */
  constructor(door: ProviderDoor, model: string, metrics: ChatMetrics) {
    door.enter();
    this.#door = door;
    this.#model = model;
    this.#metrics = metrics;
  }

  /** An answer, or the next piece of one. */
  heard({ content, refusal, tool_calls: calls }: Saying, finishReason: string | null | undefined): void {
    this.#finishReason = finishReason ?? this.#finishReason;
    if (this.#firstWordMs === undefined && (content || refusal || calls?.length)) this.#firstWordMs = this.#elapsedMs();
  }

  counted(usage: CompletionUsage | null | undefined): void {
    this.#usage = usage ?? this.#usage;
  }

  /** @throws LakehouseError `empty_completion` */
  answered(): ChatSummary {
    const provider = this.#door.provider.name;
    const finish_reason = this.#finishReason ?? "stop";
    if (this.#firstWordMs === undefined) throw emptyCompletion(provider, finish_reason);
    this.#end("answered");
    return {
      model: this.#model,
      provider,
      finish_reason,
      input_tokens: this.#usage?.prompt_tokens ?? 0,
      output_tokens: this.#usage?.completion_tokens ?? 0,
      latency_ms: Math.round(this.#elapsedMs() * 1_000) / 1_000,
    };
  }

  /** @returns the error, to be thrown on */
  failed(error: unknown, signal: AbortSignal): unknown {
    const isOfTheClient = isLakehouseError(error, "invalid_request");
    this.#end(signal.aborted || isOfTheClient ? "given_up" : { error });
    return error;
  }

  /** Where nobody wants to hear the rest; without effect on a call that has ended. */
  givenUp(): void {
    this.#end("given_up");
  }

  #end(outcome: CallOutcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.#door.leave(outcome);
    this.#metrics.ended({
      provider: this.#door.provider.name,
      model: this.#model,
      outcome,
      ms: this.#elapsedMs(),
      firstWordMs: this.#firstWordMs,
      usage: this.#usage,
    });
  }

  #elapsedMs(): number {
    return performance.now() - this.#started;
  }
}

function emptyCompletion(provider: string, finishReason: string): LakehouseError {
  const why = finishReason === "length" ? "; thinking may have used up its tokens" : "";
  return new LakehouseError("empty_completion", `${provider} answered without a word${why}.`, {
    details: { provider, finish_reason: finishReason },
  });
}
