import {
  type EmbedRequest,
  type EmbedResult,
  type EmbedStats,
  embedResultSchema,
  embedStatsSchema,
  readySchema,
} from "@lakehouse/contracts";
import type { RequestContext } from "@lakehouse/core";
import { type ClientOptions, HttpClient } from "./http/http-client.ts";

/** embedd, typed. The same text always has the same vector, so every call is retried while its context lives. */
export class EmbedClient {
  readonly #http: HttpClient;

  constructor(options: ClientOptions) {
    this.#http = new HttpClient("embedd", options);
  }

  /**
   * A vector of length 1 a text, in order.
   * @throws LakehouseError `invalid_request`, `upstream_unavailable`, `upstream_timeout`, `upstream_error`, `rate_limited`,
   *   `quota_exhausted`, `bad_upstream_answer`
   */
  async embed(request: EmbedRequest, context: RequestContext): Promise<EmbedResult> {
    const body = JSON.stringify(request);
    return this.#http.json({ method: "POST", path: "/embed", body, context, idempotent: true }, embedResultSchema);
  }

  async stats(context: RequestContext): Promise<EmbedStats> {
    return this.#http.json({ method: "GET", path: "/embed/stats", context, idempotent: true }, embedStatsSchema);
  }

  /** @throws LakehouseError where embedd can't be reached or can't serve */
  async ping(context: RequestContext): Promise<void> {
    await this.#http.json({ method: "GET", path: "/ready", context, idempotent: true }, readySchema);
  }

  close(): Promise<void> {
    return this.#http.close();
  }
}
