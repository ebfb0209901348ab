import type {
  ChatModels,
  ChatProviderName,
  ChatProviders,
  ChatSummary,
  Completion,
  CompletionChunk,
} from "@lakehouse/contracts";
import { LakehouseError, type RequestContext } from "@lakehouse/core";
import { Call } from "./call.ts";
import type { ChatMetrics } from "./metrics.ts";
import type { ProviderDoor } from "./provider-door.ts";
import type { Prompt } from "./providers/chat-provider.ts";
import { DEFAULT_PROVIDER, type ModelRoute, routeModel } from "./routing/model-route.ts";

/** A whole answer. */
export interface ChatAnswer {
  completion: Completion;
  summary: ChatSummary;
}

/** A piece of a streamed answer; after the last one the summary. */
export type ChatEvent = { chunk: CompletionChunk } | { summary: ChatSummary };

export interface ChatOptions {
  /** The registered providers, in the order in which they are listed. */
  doors: ReadonlyMap<ChatProviderName, ProviderDoor>;
  /** The model of each tier. */
  tiers: ReadonlyMap<string, string>;
  weakModels: readonly string[];
  metrics: ChatMetrics;
}

/** One door to every model. */
export class Chat {
  readonly #options: ChatOptions;

  constructor(options: ChatOptions) {
    this.#options = options;
  }

  /**
   * @param prompt its model as clients name it: a tier, with a provider's prefix, with a cloud suffix, or bare
   * @throws LakehouseError `invalid_request`, `provider_not_registered`, `provider_busy`, `empty_completion`, and what providers
   *   throw, all with `details.provider`; the reason of the context's signal
   */
  async complete(prompt: Prompt, context: RequestContext): Promise<ChatAnswer> {
    const { model, door } = this.#find(prompt.model);
    const call = new Call(door, model, this.#options.metrics);
    try {
      const completion = await door.provider.complete({ ...prompt, model }, context);
      for (const { message, finish_reason } of completion.choices) call.heard(message, finish_reason);
      call.counted(completion.usage);
      return { completion, summary: call.answered() };
    } catch (error) {
      throw call.failed(error, context.signal);
    }
  }

  /** Throws as `complete` does, and where the answer breaks off; an end without a summary is none. */
  async *stream(prompt: Prompt, context: RequestContext): AsyncGenerator<ChatEvent> {
    const { model, door } = this.#find(prompt.model);
    const call = new Call(door, model, this.#options.metrics);
    try {
      for await (const chunk of door.provider.stream({ ...prompt, model }, context)) {
        for (const { delta, finish_reason } of chunk.choices) call.heard(delta, finish_reason);
        call.counted(chunk.usage);
        yield { chunk };
      }
      yield { summary: call.answered() };
    } catch (error) {
      throw call.failed(error, context.signal);
    } finally {
      call.givenUp();
    }
  }

  providers(): ChatProviders {
    const doors = [...this.#options.doors.values()];
    const cooling = doors.flatMap(({ provider, coolingDown }) => {
      if (!coolingDown) return [];
      const { failures, code, retryAfterSeconds: retry_after_seconds } = coolingDown;
      return [{ provider: provider.name, failures, code, retry_after_seconds }];
    });
    return {
      providers: doors.map(({ provider }) => provider.name),
      default: DEFAULT_PROVIDER,
      ...(cooling.length > 0 ? { cooling_down: cooling } : {}),
    };
  }

  /** Tiers that name no model are left out. */
  models(): ChatModels {
    const { doors, tiers, weakModels } = this.#options;
    const routes = [...tiers].flatMap(([tier, model]): [string, ModelRoute][] =>
      model === "" ? [] : [[tier, routeModel(model, tiers)]],
    );
    const shown = routes.map(([tier, route]) => [tier, { ...route, registered: doors.has(route.provider) }]);
    return { tiers: Object.fromEntries(shown), weak_models: [...weakModels] };
  }

  #find(name: string): { model: string; door: ProviderDoor } {
    const { provider, model } = routeModel(name, this.#options.tiers);
    const door = this.#options.doors.get(provider);
    if (door) return { model, door };
    const message = `${JSON.stringify(name)} is for ${provider}, which is not registered: it has no key here.`;
    throw new LakehouseError("provider_not_registered", message, { details: { provider } });
  }
}
