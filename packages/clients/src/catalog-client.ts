import {
  type Manifest,
  manifestListSchema,
  manifestSchema,
  type RegisterRequest,
  type RegisterResult,
  readySchema,
  registerResultSchema,
} from "@lakehouse/contracts";
import type { RequestContext } from "@lakehouse/core";
import { type ClientOptions, HttpClient } from "./http/http-client.ts";

export interface CatalogListing {
  etag: string;
  manifests: Manifest[];
}

/** catalogd, typed. */
export class CatalogClient {
  readonly #http: HttpClient;

  constructor(options: ClientOptions) {
    this.#http = new HttpClient("catalogd", options);
  }

  /** @throws LakehouseError `schema_conflict`, `name_conflict`, `invalid_name` … */
  async register(request: RegisterRequest, context: RequestContext): Promise<RegisterResult> {
    const body = JSON.stringify(request);
    const path = "/catalog/register";
    // The same register twice leaves the same manifest: an object key already listed is not added again.
    return this.#http.json({ method: "POST", path, body, context, idempotent: true }, registerResultSchema);
  }

  /** @throws LakehouseError `dataset_not_found` */
  async manifest(name: string, context: RequestContext): Promise<Manifest> {
    const path = `/catalog/manifest/${encodeURIComponent(name)}`;
    return this.#http.json({ method: "GET", path, context, idempotent: true }, manifestSchema);
  }

  /** One conditional request: what changed since `etag`, or that nothing did. */
  async list(context: RequestContext, etag?: string): Promise<CatalogListing | "not_modified"> {
    const headers: Record<string, string> = etag === undefined ? {} : { "if-none-match": etag };
    const path = "/catalog/list";
    const response = await this.#http.request({ method: "GET", path, headers, context, idempotent: true });
    return this.#http.guarded(context, async () => {
      const text = await response.body.text();
      if (response.statusCode === 304) return "not_modified";
      return { etag: String(response.headers.etag), manifests: manifestListSchema.parse(JSON.parse(text)).manifests };
    });
  }

  /** @throws LakehouseError where catalogd can't be reached or can't serve */
  async ping(context: RequestContext): Promise<void> {
    await this.#http.json({ method: "GET", path: "/ready", context, idempotent: true }, readySchema);
  }

  close(): Promise<void> {
    return this.#http.close();
  }
}
