import type { Readable } from "node:stream";
import {
  type ListResult,
  listResultSchema,
  type ObjectInfo,
  type PutResult,
  putResultSchema,
  readySchema,
} from "@lakehouse/contracts";
import type { RequestContext } from "@lakehouse/core";
import { type ClientOptions, HttpClient, type PeerRequest, type ReplayableBody } from "./http/http-client.ts";

export interface StoredObject {
  size: number;
  etag: string;
  body: Readable;
}

/** storaged, typed. Every call is idempotent, so every call is retried while its context lives. */
export class StorageClient {
  readonly #http: HttpClient;

  constructor(options: ClientOptions) {
    this.#http = new HttpClient("storaged", options);
  }

  async put(key: string, body: Exclude<ReplayableBody, string>, context: RequestContext): Promise<PutResult> {
    const headers = { "content-type": "application/octet-stream" };
    const path = `/storage/put/${encodeKey(key)}`;
    return this.#http.json({ method: "PUT", path, body, headers, context, idempotent: true }, putResultSchema);
  }

  /** @throws LakehouseError `key_not_found` */
  async get(key: string, context: RequestContext): Promise<StoredObject> {
    const path = `/storage/get/${encodeKey(key)}`;
    const { headers, body } = await this.#http.request({ method: "GET", path, context, idempotent: true });
    return { size: Number(headers["content-length"]), etag: String(headers.etag), body };
  }

  /** @throws LakehouseError `key_not_found` */
  async getBytes(key: string, context: RequestContext): Promise<Buffer> {
    const { body } = await this.get(key, context);
    return this.collect(body, context);
  }

  /** All of a body that `get` gave. @throws LakehouseError where it breaks off */
  collect(body: Readable, context: RequestContext): Promise<Buffer> {
    return this.#http.guarded(context, async () => Buffer.concat(await body.toArray()));
  }

  async delete(key: string, context: RequestContext): Promise<void> {
    const path = `/storage/delete/${encodeKey(key)}`;
    const { body } = await this.#http.request({ method: "DELETE", path, context, idempotent: true });
    await body.dump();
  }

  /** Every object under a prefix in UTF-8 key order, page after page. */
  async *list(prefix: string, context: RequestContext): AsyncGenerator<ObjectInfo, void> {
    let cursor: string | null = null;
    do {
      const query = new URLSearchParams({ prefix, ...(cursor === null ? {} : { cursor }) });
      const path = `/storage/list?${query}`;
      const request: PeerRequest = { method: "GET", path, context, idempotent: true };
      const page: ListResult = await this.#http.json(request, listResultSchema);
      yield* page.objects;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  /** @throws LakehouseError where storaged can't be reached or can't serve */
  async ping(context: RequestContext): Promise<void> {
    await this.#http.json({ method: "GET", path: "/ready", context, idempotent: true }, readySchema);
  }

  close(): Promise<void> {
    return this.#http.close();
  }
}

/** Slashes stay; all else is percent-encoded. */
function encodeKey(key: string): string {
  return key.split("/").map(encodeURIComponent).join("/");
}
