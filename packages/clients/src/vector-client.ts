import {
  type AddItemsRequest,
  type AddItemsResult,
  addItemsResultSchema,
  type createIndexRequestSchema,
  type DeleteItemsResult,
  deleteItemsResultSchema,
  type IndexInfo,
  type IndexList,
  indexInfoSchema,
  indexListSchema,
  readySchema,
  type SearchResult,
  type StoredItem,
  type searchRequestSchema,
  searchResultSchema,
  storedItemSchema,
} from "@lakehouse/contracts";
import type { RequestContext } from "@lakehouse/core";
import type { z } from "zod";
import { type ClientOptions, HttpClient } from "./http/http-client.ts";

export type CreateIndexInput = z.input<typeof createIndexRequestSchema>;
export type SearchInput = z.input<typeof searchRequestSchema>;

/** A search that goes to many indexes: its body is written once. */
export class PreparedSearch {
  readonly body: string;

  constructor(search: SearchInput) {
    this.body = JSON.stringify(search);
  }
}

/** vectord, typed. */
export class VectorClient {
  readonly #http: HttpClient;

  constructor(options: ClientOptions) {
    this.#http = new HttpClient("vectord", options);
  }

  /** @throws LakehouseError `index_exists`, `invalid_name`, `storage_unavailable` */
  async createIndex(request: CreateIndexInput, context: RequestContext): Promise<IndexInfo> {
    const body = JSON.stringify(request);
    // Not idempotent: the second of two would be told that the index exists.
    return this.#http.json(
      { method: "POST", path: "/vectors/index", body, context, idempotent: false },
      indexInfoSchema,
    );
  }

  /** By name. */
  async listIndexes(context: RequestContext): Promise<IndexList> {
    return this.#http.json({ method: "GET", path: "/vectors/index", context, idempotent: true }, indexListSchema);
  }

  /** @throws LakehouseError `index_not_found`, `index_damaged` */
  async index(name: string, context: RequestContext): Promise<IndexInfo> {
    return this.#http.json({ method: "GET", path: pathOf(name), context, idempotent: true }, indexInfoSchema);
  }

  /** @throws LakehouseError `index_not_found`, `storage_unavailable` */
  async deleteIndex(name: string, context: RequestContext): Promise<void> {
    const { body } = await this.#http.request({ method: "DELETE", path: pathOf(name), context, idempotent: false });
    await body.dump();
  }

  /** All of the items or none. @throws LakehouseError `invalid_vector`, `index_not_found`, `storage_unavailable` */
  async add(name: string, items: AddItemsRequest["items"], context: RequestContext): Promise<AddItemsResult> {
    const body = JSON.stringify({ items } satisfies AddItemsRequest);
    const path = `${pathOf(name)}/add`;
    return this.#http.json({ method: "POST", path, body, context, idempotent: true }, addItemsResultSchema);
  }

  /** Nearest first, ties by id. @throws LakehouseError `invalid_vector`, `index_not_found`, `index_damaged` */
  async search(name: string, search: SearchInput | PreparedSearch, context: RequestContext): Promise<SearchResult> {
    const { body } = search instanceof PreparedSearch ? search : new PreparedSearch(search);
    const path = `${pathOf(name)}/search`;
    return this.#http.json({ method: "POST", path, body, context, idempotent: true }, searchResultSchema);
  }

  /** @throws LakehouseError `index_not_found`, `item_not_found` */
  async item(name: string, id: string, context: RequestContext): Promise<StoredItem> {
    const path = `${pathOf(name)}/items/${encodeURIComponent(id)}`;
    return this.#http.json({ method: "GET", path, context, idempotent: true }, storedItemSchema);
  }

  /** Ids that are not there are passed over. @throws LakehouseError `index_not_found`, `storage_unavailable` */
  async deleteItems(name: string, ids: readonly string[], context: RequestContext): Promise<DeleteItemsResult> {
    const body = JSON.stringify({ ids });
    const path = `${pathOf(name)}/delete`;
    return this.#http.json({ method: "POST", path, body, context, idempotent: true }, deleteItemsResultSchema);
  }

  /** @throws LakehouseError where vectord can't be reached or can't serve */
  async ping(context: RequestContext): Promise<void> {
    await this.#http.json({ method: "GET", path: "/ready", context, idempotent: true }, readySchema);
  }

  close(): Promise<void> {
    return this.#http.close();
  }
}

function pathOf(name: string): string {
  return `/vectors/index/${encodeURIComponent(name)}`;
}
