import type { ProviderErrors } from "@lakehouse/clients/provider";
import type { Completion, CompletionChunk } from "@lakehouse/contracts";
import type { Prompt } from "./chat-provider.ts";

/** How a provider's API says what a completion is. */
export interface Wire {
  /** Under the provider's base. */
  readonly path: string;
  /** The request's JSON. @throws LakehouseError `invalid_request` for what the API has no words for */
  body(prompt: Prompt, stream: boolean): object;
  /** The parsed answer to a request that was not for a stream. @throws LakehouseError as a provider does */
  completion(answer: unknown, errors: ProviderErrors): Completion;
  /** What the lines of a stream say, until its end. @throws LakehouseError as a provider does; where the end is missing too */
  chunks(lines: AsyncIterable<string>, errors: ProviderErrors): AsyncGenerator<CompletionChunk>;
}
