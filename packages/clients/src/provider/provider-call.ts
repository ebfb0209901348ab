import { setTimeout as delay } from "node:timers/promises";
import { LakehouseError, type RequestContext } from "@lakehouse/core";
import { type Dispatcher, errors as undiciErrors } from "undici";
import { readRetryAfter } from "../http/retry-after.ts";
import { tracedCall } from "../http/traced-call.ts";
import type { Deadline } from "./deadline.ts";
import { errorBodyOf } from "./error-body.ts";
import { LineTooLongError } from "./lines.ts";
import { parseAnswer } from "./provider-answer.ts";
import type { ProviderErrors } from "./provider-errors.ts";
import type { SendOptions } from "./provider-http.ts";
import { type RetryPolicy, retryPauseMs } from "./retry-pause.ts";

export type ProviderResponse = Dispatcher.ResponseData;

interface ProviderCallOptions {
  send(options: SendOptions): Promise<ProviderResponse>;
  body: object;
  context: RequestContext;
  deadline: Deadline;
  errors: ProviderErrors;
  retry: RetryPolicy;
}

/** One call to a provider: its deadline, its tries, and what goes wrong with it as our errors. */
export class ProviderCall implements Disposable {
  readonly deadline: Deadline;
  readonly errors: ProviderErrors;
  readonly #options: ProviderCallOptions;

  constructor(options: ProviderCallOptions) {
    this.deadline = options.deadline;
    this.errors = options.errors;
    this.#options = options;
  }

  /**
   * The whole answer as JSON.
   * @throws LakehouseError as `post` does, `bad_upstream_answer`, `upstream_error`
   */
  async json(): Promise<unknown> {
    const { body } = await this.post();
    return parseAnswer(await this.guarded(() => body.text()), this.errors);
  }

  /**
   * An answer of status 200, its body still to be read. A call that nobody took on is made again, boundedly: no connection, or 429 and 503
   * with a short pause. A call that may have been answered is made again only where the policy says that this does no harm.
   * @throws LakehouseError `upstream_unavailable`, `upstream_timeout`, `upstream_error` with `details.status`, `rate_limited`,
   *   `quota_exhausted`, `bad_upstream_answer`; the reason of the context's signal
   */
  async post(): Promise<ProviderResponse> {
    const text = JSON.stringify(this.#options.body);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.guarded(() => this.#once(text));
      } catch (error) {
        const pauseMs = retryPauseMs(error, attempt, this.#options.retry);
        if (pauseMs === undefined) throw error;
        await this.guarded(() => delay(pauseMs, undefined, { signal: this.deadline.signal }));
      }
    }
  }

  /** Turns what goes wrong while an answer is waited for or read into our errors. */
  async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.explain(error);
    }
  }

  explain(error: unknown): unknown {
    const { signal, isOver, ms } = this.deadline;
    if (error instanceof LakehouseError) return error;
    if (isOver) return this.errors.timeout(ms);
    if (signal.aborted) return reasonOf(signal, this.errors);
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE" || error instanceof LineTooLongError) {
      return this.errors.badAnswer("more than any answer needs");
    }
    if (error instanceof undiciErrors.HTTPParserError)
      return this.errors.badAnswer("something that is not HTTP", error);
    // What the network or its client throws has a code; what has none is a fault of ours.
    return code === "" ? error : this.errors.unavailable(error);
  }

  [Symbol.dispose](): void {
    this.deadline[Symbol.dispose]();
  }

  async #once(body: string): Promise<ProviderResponse> {
    const { context, send } = this.#options;
    const { signal } = this.deadline;
    const { provider } = this.errors;
    const response = await tracedCall(context.span, { method: "POST", upstream: provider }, (traceparent) =>
      send({ headers: headersOf(context, traceparent), body, signal }),
    );
    if (response.statusCode !== 200) throw await this.#refusal(response);
    if (!isCompressed(response)) return response;
    response.body.on("error", () => {}).destroy();
    throw this.errors.badAnswer("in a compression that was not asked for");
  }

  async #refusal(response: ProviderResponse): Promise<LakehouseError> {
    const text = isCompressed(response) ? "" : await errorBodyOf(response.body);
    this.#options.context.signal.throwIfAborted();
    return this.errors.refused(response.statusCode, text, readRetryAfter(response.headers));
  }
}

function headersOf({ requestId, traceparent }: RequestContext, own = traceparent): Record<string, string> {
  return {
    "content-type": "application/json",
    "accept-encoding": "identity",
    "user-agent": "lakehouse",
    "x-request-id": requestId,
    ...(own === undefined ? {} : { traceparent: own }),
  };
}

/** Its text can't be read, and so can't be shown. */
function isCompressed({ headers }: ProviderResponse): boolean {
  return !["", "identity"].includes(String(headers["content-encoding"] ?? "").toLowerCase());
}

/** The time of the whole request may be over before that of the call. */
function reasonOf({ reason }: AbortSignal, errors: ProviderErrors): unknown {
  return reason instanceof DOMException && reason.name === "TimeoutError" ? errors.timeout() : reason;
}
