import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import {
  type Caller,
  callerHeader,
  type ErrorCode,
  errorBodySchema,
  isErrorCode,
  type ServiceName,
} from "@lakehouse/contracts";
import { LakehouseError, type RequestContext } from "@lakehouse/core";
import type { Dispatcher, Pool } from "undici";
import { z } from "zod";
import { isConnectTimeout, isSilence, openPool } from "./pool.ts";
import { readRetryAfter } from "./retry-after.ts";
import { tracedCall } from "./traced-call.ts";

export interface ClientOptions {
  /** `http://host:port[/sub-path]`, without a slash at the end. */
  baseUrl: string;
  /** Bearer token of the services, or where to ask for the one of the moment; empty where there is none. */
  token: string | (() => string);
  /** Longest silence of the peer: before the head, and between two pieces of the body. */
  timeoutMs: number;
}

/** A body that can be sent again when the call is retried. */
export type ReplayableBody = Uint8Array | string | { size: number; open(): Readable };

export interface PeerRequest {
  method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** Percent-encoded, with a leading slash; query included. */
  path: string;
  context: RequestContext;
  headers?: Record<string, string>;
  body?: ReplayableBody;
  /** Only what is idempotent is retried. */
  idempotent: boolean;
}

export type PeerResponse = Dispatcher.ResponseData;

const ATTEMPTS_MAX = 4;
const FIRST_RETRY_MS = 50;
/** What a peer sheds for the moment; it says so before it has done anything. */
const busyCodes = new Set<string>(["storage_busy", "shutting_down"]);

/** The one way services call each other: keep-alive, deadline, token, request id, bounded retries, errors rebuilt with their code. */
export class HttpClient {
  readonly #upstream: ServiceName;
  readonly #options: ClientOptions;
  readonly #pool: Pool;
  readonly #basePath: string;

  constructor(upstream: ServiceName, options: ClientOptions) {
    const { baseUrl, timeoutMs } = options;
    this.#upstream = upstream;
    this.#options = options;
    const { pool, basePath } = openPool(baseUrl, { headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
    this.#pool = pool;
    this.#basePath = basePath;
  }

  /**
   * The peer's answer, when its status is below 400. Its body must be read or destroyed.
   * @throws LakehouseError with the peer's own code, or `upstream_unavailable`, `upstream_timeout`, `bad_upstream_answer`
   */
  async request(request: PeerRequest): Promise<PeerResponse> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(request);
      } catch (error) {
        const { signal } = request.context;
        if (signal.aborted || attempt === ATTEMPTS_MAX || !isWorthRetrying(error, request)) throw error;
        const pause = FIRST_RETRY_MS * 2 ** (attempt - 1) * (0.5 + Math.random());
        await this.guarded(request.context, () => delay(pause, undefined, { signal }));
      }
    }
  }

  /** For small JSON answers, checked against the contract. */
  async json<T extends z.ZodType>(request: PeerRequest, schema: T): Promise<z.output<T>> {
    const { body } = await this.request(request);
    return this.guarded(request.context, async () => schema.parse(JSON.parse(await body.text())));
  }

  /** Turns what goes wrong while a body is read into our errors. */
  async guarded<T>({ signal }: RequestContext, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      throw this.#explain(error, signal);
    }
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }

  async #once({ method, path, context, headers, body }: PeerRequest): Promise<PeerResponse> {
    const response = await tracedCall(context.span, { method, upstream: this.#upstream }, (traceparent) =>
      this.guarded(context, () =>
        this.#pool.request({
          method,
          path: this.#basePath + path,
          headers: { ...this.#headers(context, body), ...(traceparent ? { traceparent } : {}), ...headers },
          body: body === undefined ? null : isStreamed(body) ? body.open() : body,
          signal: context.signal,
        }),
      ),
    );
    if (response.statusCode >= 400) throw await this.#rebuild(response, method, context);
    return response;
  }

  #headers(
    { requestId, traceparent, caller }: RequestContext,
    body: ReplayableBody | undefined,
  ): Record<string, string> {
    const token = tokenOf(this.#options);
    return {
      "x-request-id": requestId,
      ...(traceparent === undefined ? {} : { traceparent }),
      ...(token === "" ? {} : { authorization: `Bearer ${token}`, ...callerHeaders(caller) }),
      ...(typeof body === "string" ? { "content-type": "application/json" } : {}),
      ...(isStreamed(body) ? { "content-length": String(body.size) } : {}),
    };
  }

  /** A peer's error body becomes the same error here: code, sentence, details. */
  async #rebuild({ statusCode, headers, body }: PeerResponse, method: string, context: RequestContext) {
    const upstream = this.#upstream;
    const text = await this.guarded(context, () => body.text());
    const parsed = errorBodySchema.safeParse(parseJson(text));
    const code = parsed.data?.code ?? (method === "HEAD" && statusCode === 404 ? "key_not_found" : "");
    if (!isErrorCode(code)) {
      const message = `${upstream} answered ${statusCode} in a form that is not ours.`;
      return new LakehouseError("bad_upstream_answer", message, { details: { upstream, status: statusCode } });
    }
    const retryAfterSeconds = readRetryAfter(headers);
    return LakehouseError.received(outward(code), parsed.data?.error ?? `${upstream} answered ${statusCode}.`, {
      details: parsed.data?.details,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    });
  }

  #explain(error: unknown, signal: AbortSignal): unknown {
    if (error instanceof LakehouseError) return error;
    if (signal.aborted) return deadlinePassed(signal) ? this.#slow(error) : signal.reason;
    const upstream = this.#upstream;
    if (error instanceof SyntaxError || error instanceof z.ZodError) {
      const message = `${upstream} answered something that does not fit its contract.`;
      return new LakehouseError("bad_upstream_answer", message, { details: { upstream }, cause: error });
    }
    if (isSilence(error)) return this.#slow(error);
    const details = { upstream };
    return new LakehouseError("upstream_unavailable", `${upstream} can't be reached.`, { details, cause: error });
  }

  #slow(cause: unknown): LakehouseError {
    const details = { upstream: this.#upstream };
    return new LakehouseError("upstream_timeout", `${this.#upstream} took too long to answer.`, { details, cause });
  }
}

/** Tells peers who asked. The primary token goes without: the services' own token says as much. */
export function callerHeaders(caller: Caller | undefined): Record<string, string> {
  return caller === undefined || caller.name === "primary" ? {} : { [callerHeader]: JSON.stringify(caller) };
}

/** The bearer token of the moment; empty where there is none. */
export function tokenOf({ token }: Pick<ClientOptions, "token">): string {
  return typeof token === "function" ? token() : token;
}

/** What a peer says of our own credentials or of a fault of its own is not the client's to mend. */
function outward(code: ErrorCode): ErrorCode {
  return code === "unauthorized" || code === "forbidden_ip" || code === "internal_error" ? "bad_upstream_answer" : code;
}

function isStreamed(body: ReplayableBody | undefined): body is { size: number; open(): Readable } {
  return typeof body === "object" && "open" in body;
}

function isWorthRetrying(error: unknown, { idempotent }: PeerRequest): boolean {
  if (!(error instanceof LakehouseError)) return false;
  if (busyCodes.has(error.code)) return true;
  return idempotent && error.code === "upstream_unavailable" && !isConnectTimeout(error.cause);
}

function deadlinePassed(signal: AbortSignal): boolean {
  return signal.reason instanceof DOMException && signal.reason.name === "TimeoutError";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not one of our error bodies: the caller says so
  }
}
