import type { ChatProviderName, Completion, CompletionChunk, RequestContext } from "@lakehouse/contracts";
import { ANSWER_BYTES_MAX, STREAM_END_MS_MAX } from "../limits.ts";
import type { ChatProvider, Prompt } from "./chat-provider.ts";
import { Deadline } from "./deadline.ts";
import { linesOf } from "./lines.ts";
import { parseAnswer } from "./parse-answer.ts";
import { ProviderErrors } from "./provider-errors.ts";
import { ProviderHttp, type ProviderResponse } from "./provider-http.ts";
import type { Wire } from "./wire.ts";

export interface HttpProviderOptions {
  name: ChatProviderName;
  baseUrl: string;
  /** Empty where the provider wants none. */
  key: string;
  /** Of a whole answer; of a stream's next piece. */
  timeoutMs: number;
  wire(errors: ProviderErrors): Wire;
}

/** A provider that is asked over HTTP, in the words of its wire. */
export class HttpProvider implements ChatProvider {
  readonly name: ChatProviderName;
  readonly #timeoutMs: number;
  readonly #errors: ProviderErrors;
  readonly #http: ProviderHttp;
  readonly #wire: Wire;

  constructor({ name, baseUrl, key, timeoutMs, wire }: HttpProviderOptions) {
    this.name = name;
    this.#timeoutMs = timeoutMs;
    this.#errors = new ProviderErrors(name, key);
    this.#http = new ProviderHttp({ baseUrl, key, errors: this.#errors });
    this.#wire = wire(this.#errors);
  }

  async complete(prompt: Prompt, context: RequestContext): Promise<Completion> {
    using deadline = new Deadline(this.#timeoutMs, context.signal);
    const { body } = await this.#post(prompt, false, context, deadline);
    const text = await this.#http.guarded(deadline, () => body.text());
    return this.#wire.completion(parseAnswer(text, this.#errors));
  }

  async *stream(prompt: Prompt, context: RequestContext): AsyncGenerator<CompletionChunk> {
    using deadline = new Deadline(this.#timeoutMs, context.signal);
    const { body } = await this.#post(prompt, true, context, deadline);
    body.on("error", () => {}); // told by the read that meets it; after the last read nobody needs to know
    let isWhole = false;
    try {
      for await (const chunk of this.#wire.chunks(linesOf(body.iterator({ destroyOnReturn: false })))) {
        deadline.pause();
        yield chunk;
        deadline.restart();
      }
      isWhole = true;
    } catch (error) {
      throw this.#http.explain(error, deadline);
    } finally {
      if (isWhole) readToEnd(body);
      else body.destroy();
    }
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  #post(prompt: Prompt, stream: boolean, context: RequestContext, deadline: Deadline): Promise<ProviderResponse> {
    return this.#http.post(this.#wire.path, this.#wire.body(prompt, stream), context, deadline);
  }
}

/** What follows the last event, in the background: a connection whose answer was read to its end is used again. */
function readToEnd(body: ProviderResponse["body"]): void {
  const signal = AbortSignal.timeout(STREAM_END_MS_MAX);
  body.dump({ limit: ANSWER_BYTES_MAX, signal }).catch(() => {}); // an end that does not come costs this connection, no more
}
