import { ANSWER_BYTES_MAX, linesOf, ProviderHttp, type ProviderResponse } from "@lakehouse/clients/provider";
import type { ChatProviderName, Completion, CompletionChunk } from "@lakehouse/contracts";
import type { RequestContext } from "@lakehouse/core";
import type { ChatProvider, Prompt } from "./chat-provider.ts";
import { RETRY_POLICY, STREAM_END_MS_MAX } from "./limits.ts";
import type { Wire } from "./wire.ts";

export interface HttpProviderOptions {
  name: ChatProviderName;
  baseUrl: string;
  /** Empty where the provider wants none. */
  key: string;
  /** Of a whole answer; of a stream's next piece. */
  timeoutMs: number;
  wire: Wire;
}

/** A provider that is asked over HTTP, in the words of its wire. */
export class HttpProvider implements ChatProvider {
  readonly name: ChatProviderName;
  readonly #http: ProviderHttp;
  readonly #wire: Wire;

  constructor({ name, wire, ...options }: HttpProviderOptions) {
    this.name = name;
    this.#http = new ProviderHttp({ ...options, provider: name, retry: RETRY_POLICY });
    this.#wire = wire;
  }

  async complete(prompt: Prompt, context: RequestContext): Promise<Completion> {
    using call = this.#http.call(this.#wire.path, this.#wire.body(prompt, false), context);
    return this.#wire.completion(await call.json(), call.errors);
  }

  async *stream(prompt: Prompt, context: RequestContext): AsyncGenerator<CompletionChunk> {
    using call = this.#http.call(this.#wire.path, this.#wire.body(prompt, true), context);
    const { body } = await call.post();
    body.on("error", () => {}); // told by the read that meets it; after the last read nobody needs to know
    let isWhole = false;
    try {
      const lines = linesOf(body.iterator({ destroyOnReturn: false }));
      for await (const chunk of this.#wire.chunks(lines, call.errors)) {
        call.deadline.pause();
        yield chunk;
        call.deadline.restart();
      }
      isWhole = true;
    } catch (error) {
      throw call.explain(error);
    } finally {
      if (isWhole) readToEnd(body);
      else body.destroy();
    }
  }

  close(): Promise<void> {
    return this.#http.close();
  }
}

/** What follows the last event, in the background: a connection whose answer was read to its end is used again. */
function readToEnd(body: ProviderResponse["body"]): void {
  const signal = AbortSignal.timeout(STREAM_END_MS_MAX);
  body.dump({ limit: ANSWER_BYTES_MAX, signal }).catch(() => {}); // an end that does not come costs this connection, no more
}
