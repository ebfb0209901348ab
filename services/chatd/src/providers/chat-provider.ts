import type { ChatProviderName, Completion, CompletionChunk, OpenaiMessage } from "@lakehouse/contracts";
import type { RequestContext } from "@lakehouse/core";

/** What a model is asked. Within chatd everything has the shape of OpenAI's API, which most providers speak. */
export interface Prompt {
  /** As the provider names it. */
  model: string;
  /** A completion's request without its model and how it is to be answered. */
  body: { messages: OpenaiMessage[]; [field: string]: unknown };
  /** Whether the model may think first; undefined for the provider's default. */
  think: boolean | undefined;
}

/**
 * Who lets models answer. All errors are LakehouseErrors with `details.provider`: `upstream_unavailable`, `upstream_timeout`,
 * `upstream_error` with `details.status`, `rate_limited`, `quota_exhausted`, `bad_upstream_answer`; or the reason of the context's
 * signal. Both calls end early when it aborts.
 */
export interface ChatProvider {
  readonly name: ChatProviderName;
  complete(prompt: Prompt, context: RequestContext): Promise<Completion>;
  /** Throws where the answer breaks off before its end. */
  stream(prompt: Prompt, context: RequestContext): AsyncGenerator<CompletionChunk>;
  close(): Promise<void>;
}
