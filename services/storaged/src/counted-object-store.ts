import type { ObjectInfo, PutResult } from "@lakehouse/contracts";
import type { GetOptions, GetResult, ListOptions, ListPage, ObjectStore, PutOptions } from "@lakehouse/core";
import { counted } from "@lakehouse/server";
import type { Registry } from "prom-client";
import { createMetrics } from "./metrics.ts";

type Metrics = ReturnType<typeof createMetrics>;

/** @returns what wraps a bucket's store, so that each operation and its bytes are counted */
export function countOperations(registry: Registry): (bucket: string, store: ObjectStore) => ObjectStore {
  const metrics = createMetrics(registry);
  return (bucket, store) => new CountedObjectStore(bucket, store, metrics);
}

class CountedObjectStore implements ObjectStore {
  readonly #bucket: string;
  readonly #store: ObjectStore;
  readonly #metrics: Metrics;

  constructor(bucket: string, store: ObjectStore, metrics: Metrics) {
    this.#bucket = bucket;
    this.#store = store;
    this.#metrics = metrics;
  }

  async put(key: string, body: AsyncIterable<Uint8Array>, options?: PutOptions): Promise<PutResult> {
    const result = await this.#count("put", () => this.#store.put(key, body, options));
    this.#metrics.bytesIn.inc({ bucket: this.#bucket }, result.size);
    return result;
  }

  async get(key: string, options?: GetOptions): Promise<GetResult> {
    const result = await this.#count("get", () => this.#store.get(key, options));
    if (result.status === "found") {
      const { body, info, range = { start: 0, end: info.size - 1 } } = result;
      const countBytes = () => this.#metrics.bytesOut.inc({ bucket: this.#bucket }, range.end - range.start + 1);
      if (Buffer.isBuffer(body)) countBytes();
      else body.once("end", countBytes);
    }
    return result;
  }

  head(key: string, signal?: AbortSignal): Promise<ObjectInfo> {
    return this.#count("head", () => this.#store.head(key, signal));
  }

  delete(key: string, signal?: AbortSignal): Promise<void> {
    return this.#count("delete", () => this.#store.delete(key, signal));
  }

  list(prefix: string, options: ListOptions): Promise<ListPage> {
    return this.#count("list", () => this.#store.list(prefix, options));
  }

  ping(signal?: AbortSignal): Promise<void> {
    return this.#store.ping(signal);
  }

  sweep(): Promise<void> {
    return this.#store.sweep();
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  #count<T>(operation: string, work: () => Promise<T>): Promise<T> {
    const labels = { bucket: this.#bucket, operation };
    return counted(work, (result) => this.#metrics.operations.inc({ ...labels, result }));
  }
}
