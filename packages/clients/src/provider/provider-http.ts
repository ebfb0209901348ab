import type { RequestContext } from "@lakehouse/core";
import type { Dispatcher, Pool } from "undici";
import { openPool } from "../http/pool.ts";
import { Deadline } from "./deadline.ts";
import { ANSWER_BYTES_MAX } from "./limits.ts";
import { ProviderCall } from "./provider-call.ts";
import { ProviderErrors } from "./provider-errors.ts";
import type { RetryPolicy } from "./retry-pause.ts";

export interface ProviderHttpOptions {
  provider: string;
  /** `http://host:port[/sub-path]`, without a slash at the end. */
  baseUrl: string;
  /** Bearer token; empty for none. */
  key: string;
  /** From the first try of a call to the end of its answer; of a stream, to its next piece. */
  timeoutMs: number;
  retry: RetryPolicy;
}

/** JSON over HTTP with somebody else's service. Not the client for our own: no token of ours goes there, and no error of ours comes back. */
export class ProviderHttp {
  readonly #options: ProviderHttpOptions;
  readonly #pool: Pool;
  readonly #basePath: string;

  constructor(options: ProviderHttpOptions) {
    this.#options = options;
    const { pool, basePath } = openPool(options.baseUrl, {
      // Deadlines are the calls' own.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: ANSWER_BYTES_MAX,
      // One connection a stream: a break then is of that stream alone.
      allowH2: false,
    });
    this.#pool = pool;
    this.#basePath = basePath;
  }

  /** A call that is about to be made, and whose time runs from now on; to be disposed of when it is over. */
  call(path: string, body: object, context: RequestContext): ProviderCall {
    const { provider, key, timeoutMs, retry } = this.#options;
    return new ProviderCall({
      send: (options) => this.#send(path, options),
      body,
      context,
      deadline: new Deadline(timeoutMs, context.signal),
      errors: new ProviderErrors(provider, { key, body }),
      retry,
    });
  }

  /** Resolves when anybody answers, whatever it is. @throws LakehouseError `upstream_unavailable`, `upstream_timeout` */
  async reach(path: string, context: RequestContext): Promise<void> {
    using call = this.call(path, {}, context);
    await call.guarded(async () => {
      const { signal } = call.deadline;
      const { body } = await this.#pool.request({ method: "GET", path: this.#basePath + path, signal });
      await body.dump();
    });
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }

  #send(path: string, { headers, ...options }: SendOptions): Promise<Dispatcher.ResponseData> {
    const { key } = this.#options;
    const authorization = key === "" ? {} : { authorization: `Bearer ${key}` };
    return this.#pool.request({
      method: "POST",
      path: this.#basePath + path,
      headers: { ...headers, ...authorization },
      ...options,
    });
  }
}

export interface SendOptions {
  headers: Record<string, string>;
  body: string;
  signal: AbortSignal;
}
