import { setTimeout as delay } from "node:timers/promises";
import { tracedCall } from "@lakehouse/clients";
import { type EmbeddingProviderName, LakehouseError, type RequestContext } from "@lakehouse/contracts";
import { Pool } from "undici";
import {
  ANSWER_BYTES_MAX,
  ATTEMPTS_MAX,
  CONNECT_MS_MAX,
  FIRST_RETRY_MS,
  PROVIDER_MESSAGE_LENGTH_MAX,
  RETRY_AFTER_SECONDS_MAX,
} from "../limits.ts";

export interface ProviderHttpOptions {
  provider: EmbeddingProviderName;
  /** `http://host:port[/sub-path]`, without a slash at the end. */
  baseUrl: string;
  /** Longest silence of the provider. */
  timeoutMs: number;
  /** Bearer token; empty for none. */
  key: string;
}

/** `details` of `upstream_error`. */
export interface Refusal {
  upstream: EmbeddingProviderName;
  status: number;
  message: string;
}

/** Busy for the moment: worth another try. */
const busyStatuses = new Set([429, 503]);

/** JSON over HTTP with somebody else's service. Not the client for our own: no token of ours goes there, and no error of ours comes back. */
export class ProviderHttp {
  readonly #options: ProviderHttpOptions;
  readonly #pool: Pool;
  readonly #basePath: string;

  constructor(options: ProviderHttpOptions) {
    const { origin, pathname } = new URL(options.baseUrl);
    this.#options = options;
    this.#basePath = pathname.replace(/\/+$/, "");
    this.#pool = new Pool(origin, {
      headersTimeout: options.timeoutMs,
      bodyTimeout: options.timeoutMs,
      connect: { timeout: CONNECT_MS_MAX },
      maxResponseSize: ANSWER_BYTES_MAX,
    });
  }

  /**
   * The parsed body of an answer of status 200. To embed twice does no harm, so a provider that is out of reach or busy is asked again.
   * @throws LakehouseError `upstream_unavailable`, `upstream_timeout`, `upstream_error` with a Refusal, `bad_upstream_answer`
   */
  async post(path: string, body: unknown, context: RequestContext): Promise<unknown> {
    const { signal } = context;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(path, JSON.stringify(body), context);
      } catch (error) {
        const pauseMs = retryPauseMs(error, attempt);
        if (signal.aborted || pauseMs === undefined) throw error;
        await delay(pauseMs, undefined, { signal });
      }
    }
  }

  /** Whether anybody answers, whatever it is. @throws LakehouseError `upstream_unavailable`, `upstream_timeout` */
  async reach(path: string, { signal }: RequestContext): Promise<void> {
    await this.#guarded(signal, async () => {
      const { body } = await this.#pool.request({ method: "GET", path: this.#basePath + path, signal });
      await body.dump();
    });
  }

  badAnswer(what: string, cause?: unknown): LakehouseError {
    const { provider } = this.#options;
    return new LakehouseError("bad_upstream_answer", `${provider} answered ${what}.`, {
      details: { upstream: provider },
      cause,
    });
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }

  async #once(path: string, body: string, context: RequestContext): Promise<unknown> {
    const { span, signal } = context;
    const call = { method: "POST", path: this.#basePath + path, body, signal } as const;
    const { status, text, retryAfter } = await this.#guarded(signal, async () => {
      const response = await tracedCall(span, { method: "POST", upstream: this.#options.provider }, (traceparent) =>
        this.#pool.request({ ...call, headers: this.#headers(context, traceparent) }),
      );
      const { statusCode, headers } = response;
      return { status: statusCode, text: await response.body.text(), retryAfter: Number(headers["retry-after"]) };
    });
    if (status !== 200) throw this.#refusal(status, wordsOf(text), retryAfter);
    return this.#parse(text);
  }

  #headers(context: RequestContext, traceparent = context.traceparent): Record<string, string> {
    const { key } = this.#options;
    return {
      "content-type": "application/json",
      "x-request-id": context.requestId,
      ...(traceparent === undefined ? {} : { traceparent }),
      ...(key === "" ? {} : { authorization: `Bearer ${key}` }),
    };
  }

  #parse(text: string): unknown {
    const answer = parseJson(text);
    if (answer === undefined) throw this.badAnswer("something that is not JSON");
    const words = errorOf(answer);
    if (words !== undefined) throw this.#refusal(200, words, Number.NaN);
    return answer;
  }

  #refusal(status: number, words: string, retryAfter: number): LakehouseError {
    const { provider, key } = this.#options;
    // Some quote the key in the sentence that refuses it.
    const isAboutKey = status === 401 || status === 403;
    const safe = isAboutKey ? "it refuses our credentials" : key === "" ? words : words.replaceAll(key, "[key]");
    const message = safe.slice(0, PROVIDER_MESSAGE_LENGTH_MAX);
    return new LakehouseError("upstream_error", `${provider} answered ${status}: ${message}`, {
      details: { upstream: provider, status, message } satisfies Refusal,
      ...(Number.isFinite(retryAfter) ? { retryAfterSeconds: retryAfter } : {}),
    });
  }

  async #guarded<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (cause) {
      if (signal.aborted && !isDeadline(signal)) throw signal.reason;
      throw this.#explain(cause);
    }
  }

  #explain(cause: unknown): LakehouseError {
    const upstream = this.#options.provider;
    const options = { details: { upstream }, cause };
    const { code = "", name = "" } = cause as NodeJS.ErrnoException;
    if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE") return this.badAnswer("more than any vectors need", cause);
    if (name === "TimeoutError" || code.endsWith("_TIMEOUT")) {
      return new LakehouseError("upstream_timeout", `${upstream} took too long to answer.`, options);
    }
    return new LakehouseError("upstream_unavailable", `${upstream} can't be reached.`, options);
  }
}

function isDeadline({ reason }: AbortSignal): boolean {
  return reason instanceof DOMException && reason.name === "TimeoutError";
}

/** Undefined where another try is not worth it. */
function retryPauseMs(error: unknown, attempt: number): number | undefined {
  if (!(error instanceof LakehouseError) || attempt === ATTEMPTS_MAX) return undefined;
  const isBusy = error.code === "upstream_error" && busyStatuses.has((error.details as Refusal).status);
  if (!isBusy && error.code !== "upstream_unavailable") return undefined;
  const { retryAfterSeconds } = error;
  if (retryAfterSeconds === undefined) return FIRST_RETRY_MS * 2 ** (attempt - 1) * (0.5 + Math.random());
  return retryAfterSeconds <= RETRY_AFTER_SECONDS_MAX ? retryAfterSeconds * 1_000 : undefined;
}

/** What a refusal says: Ollama's `{error: "…"}`, OpenAI's `{error: {message}}`, else the text itself. */
function wordsOf(text: string): string {
  return (errorOf(parseJson(text)) ?? text.trim()) || "nothing";
}

function errorOf(answer: unknown): string | undefined {
  const { error } = (answer ?? {}) as { error?: unknown };
  if (typeof error === "string") return error;
  const { message } = (error ?? {}) as { message?: unknown };
  return typeof message === "string" ? message : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON: the caller says so, or shows the text
  }
}
