import type { StorageClient } from "@lakehouse/clients";
import type { ObjectInfo } from "@lakehouse/contracts";
import { DATASETS_PREFIX, type RequestContext } from "@lakehouse/core";

/** The data objects of all datasets. */
export interface DatasetObjects {
  list(context: RequestContext): AsyncIterable<ObjectInfo>;
  find(key: string, context: RequestContext): Promise<ObjectInfo | undefined>;
  /** No error where there is none. */
  remove(key: string, context: RequestContext): Promise<void>;
}

export class StoragedDatasetObjects implements DatasetObjects {
  readonly #storage: StorageClient;
  readonly #removeMsMax: number;

  /** @param removeMsMax deadline of one removal, retries included */
  constructor(storage: StorageClient, removeMsMax: number) {
    this.#storage = storage;
    this.#removeMsMax = removeMsMax;
  }

  list(context: RequestContext): AsyncIterable<ObjectInfo> {
    return this.#storage.list(DATASETS_PREFIX, context);
  }

  /** Of all keys that begin with this one, it is the first in key order itself. */
  async find(key: string, context: RequestContext): Promise<ObjectInfo | undefined> {
    for await (const object of this.#storage.list(key, context)) return object.key === key ? object : undefined;
    return undefined;
  }

  /** Not broken off by a client that goes away: a removal that lands later could take a newer object of the same key. */
  async remove(key: string, context: RequestContext): Promise<void> {
    await this.#storage.delete(key, { ...context, signal: AbortSignal.timeout(this.#removeMsMax) });
  }
}
