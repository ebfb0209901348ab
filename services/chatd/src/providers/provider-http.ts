import { setTimeout as delay } from "node:timers/promises";
import { tracedCall } from "@lakehouse/clients";
import { LakehouseError, type RequestContext } from "@lakehouse/contracts";
import { type Dispatcher, Pool } from "undici";
import { ANSWER_BYTES_MAX, ATTEMPTS_MAX, CONNECT_MS_MAX, FIRST_RETRY_MS, RETRY_AFTER_SECONDS_MAX } from "../limits.ts";
import type { Deadline } from "./deadline.ts";
import { LineTooLongError } from "./lines.ts";
import type { ProviderErrors } from "./provider-errors.ts";

export interface ProviderHttpOptions {
  /** `http://host:port[/sub-path]`, without a slash at the end. */
  baseUrl: string;
  /** Bearer token; empty for none. */
  key: string;
  errors: ProviderErrors;
}

export type ProviderResponse = Dispatcher.ResponseData;

/** Nobody was there to take the call. */
const refusedConnections = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "EAI_AGAIN"]);
const busyStatuses = new Set([429, 503]);

/** Posts JSON to somebody else's service. Not the client for our own: no token of ours goes there, and no error of ours comes back. */
export class ProviderHttp {
  readonly #pool: Pool;
  readonly #basePath: string;
  readonly #key: string;
  readonly #errors: ProviderErrors;

  constructor({ baseUrl, key, errors }: ProviderHttpOptions) {
    const { origin, pathname } = new URL(baseUrl);
    this.#basePath = pathname.replace(/\/+$/, "");
    this.#key = key;
    this.#errors = errors;
    this.#pool = new Pool(origin, {
      // Deadlines are the caller's.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: { timeout: CONNECT_MS_MAX },
      maxResponseSize: ANSWER_BYTES_MAX,
      // One connection a stream: a break then is of that stream alone.
      allowH2: false,
    });
  }

  /**
   * An answer of status 200, its body still to be read. A call that was not taken on is tried again, boundedly: no connection, or 429
   * and 503 with a short pause. Whatever else goes wrong may have cost money, so it is not.
   * @throws LakehouseError; the reason of the context's signal
   */
  async post(path: string, body: object, context: RequestContext, deadline: Deadline): Promise<ProviderResponse> {
    const text = JSON.stringify(body);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(path, text, context, deadline);
      } catch (error) {
        const pauseMs = retryPauseMs(error, attempt);
        if (pauseMs === undefined) throw error;
        await this.guarded(deadline, () => delay(pauseMs, undefined, { signal: deadline.signal }));
      }
    }
  }

  /** Turns what goes wrong while an answer is waited for or read into our errors. */
  async guarded<T>(deadline: Deadline, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.explain(error, deadline);
    }
  }

  explain(error: unknown, { signal, isOver, ms }: Deadline): unknown {
    if (error instanceof LakehouseError) return error;
    if (isOver) return this.#errors.timeout(ms);
    if (signal.aborted) return signal.reason;
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "UND_ERR_RES_EXCEEDED_MAX_SIZE" || error instanceof LineTooLongError) {
      return this.#errors.badAnswer("more than any completion needs");
    }
    if (code === "UND_ERR_CONNECT_TIMEOUT") return this.#errors.timeout(CONNECT_MS_MAX, error);
    // What the network or its client throws has a code; what has none is a fault of ours.
    return code === "" ? error : this.#errors.unavailable(error);
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }

  async #once(path: string, body: string, context: RequestContext, deadline: Deadline): Promise<ProviderResponse> {
    return this.guarded(deadline, async () => {
      const { signal } = deadline;
      const call = { method: "POST", path: this.#basePath + path, body, signal } as const;
      const response = await tracedCall(
        context.span,
        { method: "POST", upstream: this.#errors.provider },
        (traceparent) => this.#pool.request({ ...call, headers: this.#headers(context, traceparent) }),
      );
      if (response.statusCode === 200) return response;
      throw this.#errors.refused(response.statusCode, await response.body.text(), retryAfterOf(response));
    });
  }

  #headers(context: RequestContext, traceparent = context.traceparent): Record<string, string> {
    return {
      "content-type": "application/json",
      "user-agent": "lakehouse",
      "x-request-id": context.requestId,
      ...(traceparent === undefined ? {} : { traceparent }),
      ...(this.#key === "" ? {} : { authorization: `Bearer ${this.#key}` }),
    };
  }
}

/** Seconds, from a number of them or a date (RFC 9110 §10.2.3). */
function retryAfterOf({ headers }: ProviderResponse): number | undefined {
  const given = String(headers["retry-after"] ?? "");
  const seconds = /^\d+(\.\d+)?$/.test(given) ? Number(given) : (Date.parse(given) - Date.now()) / 1_000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, Math.ceil(seconds));
}

/** Undefined where another try is not safe, not worth it, or would keep the client waiting for long. */
function retryPauseMs(error: unknown, attempt: number): number | undefined {
  if (!(error instanceof LakehouseError) || attempt === ATTEMPTS_MAX) return undefined;
  const { code, details, retryAfterSeconds: seconds } = error;
  const { status } = details as { status?: number };
  const wasRefused = refusedConnections.has((error.cause as NodeJS.ErrnoException | undefined)?.code ?? "");
  const isBusy = busyStatuses.has(status ?? 0) && code !== "quota_exhausted";
  if (!wasRefused && !isBusy) return undefined;
  if (seconds !== undefined) return seconds <= RETRY_AFTER_SECONDS_MAX ? seconds * 1_000 : undefined;
  // Who says 429 and no time is not asked at once again.
  return status === 429 ? undefined : FIRST_RETRY_MS * 2 ** (attempt - 1) * (0.5 + Math.random());
}
