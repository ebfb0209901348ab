import type { RequestContext } from "@lakehouse/core";

/** What is stored of an index. */
export interface StoredIndex {
  hasFile: boolean;
  /** Of the records of its log, ascending. */
  records: StoredRecord[];
}

export interface StoredRecord {
  sequence: number;
  bytes: number;
}

/**
 * Where indexes are kept: a file each, and the log of what came since. Writes are durable when they return. All methods
 * throw LakehouseErrors where the store can't be reached; a write that failed may have happened all the same.
 */
export interface IndexStore {
  /** Of which something is stored. */
  names(context: RequestContext): Promise<string[]>;

  find(name: string, context: RequestContext): Promise<StoredIndex>;

  /** Of one log, ascending. */
  records(name: string, context: RequestContext): Promise<StoredRecord[]>;

  writeRecord(name: string, sequence: number, pieces: readonly Uint8Array[]): Promise<void>;

  /** @throws LakehouseError `key_not_found` */
  readRecord(name: string, sequence: number, context: RequestContext): Promise<Buffer>;

  /** No error where there is none. */
  removeRecord(name: string, sequence: number): Promise<void>;

  removeFile(name: string): Promise<void>;

  /** @throws LakehouseError where nothing can be stored now */
  ping(context: RequestContext): Promise<void>;
}
