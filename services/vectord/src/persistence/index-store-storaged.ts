import { Readable } from "node:stream";
import type { StorageClient } from "@lakehouse/clients";
import { backgroundContext, type RequestContext, VECTORS_PREFIX } from "@lakehouse/core";
import { Slots } from "@lakehouse/server";
import type { IndexStore, StoredIndex, StoredRecord } from "./index-store.ts";
import { fileKey, logPrefix, parseKey, recordKey } from "./keys.ts";
import { STORE_WRITES_MAX } from "./limits.ts";

/** Files and log records as objects behind storaged. */
export class StoragedIndexStore implements IndexStore {
  readonly #storage: StorageClient;
  readonly #writeMsMax: number;
  readonly #writes = new Slots(STORE_WRITES_MAX);

  /** @param writeMsMax deadline of one write or removal, retries included */
  constructor(storage: StorageClient, writeMsMax: number) {
    this.#storage = storage;
    this.#writeMsMax = writeMsMax;
  }

  async names(context: RequestContext): Promise<string[]> {
    const names = new Set<string>();
    for await (const { key } of this.#storage.list(VECTORS_PREFIX, context)) {
      const parsed = parseKey(key);
      if (parsed) names.add(parsed.name);
    }
    return [...names];
  }

  async find(name: string, context: RequestContext): Promise<StoredIndex> {
    let hasFile = false;
    for await (const { key } of this.#storage.list(fileKey(name), context)) hasFile ||= key === fileKey(name);
    return { hasFile, records: await this.records(name, context) };
  }

  async records(name: string, context: RequestContext): Promise<StoredRecord[]> {
    const found: StoredRecord[] = [];
    for await (const { key, size: bytes } of this.#storage.list(logPrefix(name), context)) {
      const { sequence } = parseKey(key) ?? {};
      if (sequence !== undefined) found.push({ sequence, bytes });
    }
    return found;
  }

  async writeRecord(name: string, sequence: number, pieces: readonly Uint8Array[]): Promise<void> {
    const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
    const body = { size, open: () => Readable.from(pieces) };
    await this.#write((context) => this.#storage.put(recordKey(name, sequence), body, context));
  }

  async readRecord(name: string, sequence: number, context: RequestContext): Promise<Buffer> {
    return this.#storage.getBytes(recordKey(name, sequence), context);
  }

  async removeRecord(name: string, sequence: number): Promise<void> {
    await this.#write((context) => this.#storage.delete(recordKey(name, sequence), context));
  }

  async removeFile(name: string): Promise<void> {
    await this.#write((context) => this.#storage.delete(fileKey(name), context));
  }

  async ping(context: RequestContext): Promise<void> {
    await this.#storage.ping(context);
  }

  /** A client that goes away must not leave it open whether its write happened: the deadline alone ends one. */
  async #write(work: (context: RequestContext) => Promise<unknown>): Promise<void> {
    await this.#writes.run(() => work(backgroundContext(this.#writeMsMax)));
  }
}
