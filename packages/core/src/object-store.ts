import type { Readable } from "node:stream";
import type { ObjectInfo, PutResult } from "@lakehouse/contracts";

/**
 * One bucket of objects: the port that storaged's adapters fulfil. What each sentence means is stated, and held against
 * every adapter, by `describeObjectStore` of packages/testing.
 *
 * Keys are ones that `assertKey` lets pass. ETags carry their quotes everywhere, as in the header and as S3's own API gives them.
 * Methods throw LakehouseErrors: `storage_unavailable` where the store can't be reached or refuses, `invalid_key` where it
 * can't hold such a key.
 */
export interface ObjectStore {
  /**
   * Stores the whole body or nothing: readers see the old object until the new one is complete and durable. A body that
   * throws leaves nothing behind, and its error comes out as it is; so does one of another length than `size`.
   * @throws LakehouseError `key_conflict`, `storage_full`
   */
  put(key: string, body: AsyncIterable<Uint8Array>, options?: PutOptions): Promise<PutResult>;

  /** @throws LakehouseError `key_not_found`, `range_not_satisfiable` with `details.size` */
  get(key: string, options?: GetOptions): Promise<GetResult>;

  /** @throws LakehouseError `key_not_found` */
  head(key: string, signal?: AbortSignal): Promise<ObjectInfo>;

  /** Also when it was not there. */
  delete(key: string, signal?: AbortSignal): Promise<void>;

  /** Objects whose key starts with `prefix` and stands after `after`, in the order of their UTF-8 bytes, `limit` at most. */
  list(prefix: string, options: ListOptions): Promise<ListPage>;

  /** Whether reads and writes can work now. */
  ping(signal?: AbortSignal): Promise<void>;

  /** Removes what uploads of a process that died left behind. Called once no such process can be running any more. */
  sweep(): Promise<void>;

  close(): Promise<void>;
}

export interface PutOptions {
  /** Bytes of the body, where that is known before it comes. */
  size?: number;
}

/** Both ends count from 0 and are included, as in HTTP; `suffix` is the last so many bytes. */
export type RangeRequest = { start: number; end?: number } | { suffix: number };

export interface ByteRange {
  start: number;
  end: number;
}

export interface GetOptions {
  range?: RangeRequest;
  /** The range counts only for the object with this ETag; another one is given whole. */
  ifRange?: string;
  /** ETags that the caller holds; `*` is any. */
  ifNoneMatch?: readonly string[] | "*";
  signal?: AbortSignal;
}

export type GetResult =
  /** A store may know no more of it than the ETag that the caller holds. */
  | { status: "not_modified"; info: Pick<ObjectInfo, "key" | "etag"> & Partial<ObjectInfo> }
  /** `range` where only a part was asked for, and given. */
  | { status: "found"; info: ObjectInfo; range?: ByteRange; body: ObjectBody };

/** Bytes where the store has them at hand. */
export type ObjectBody = Readable | Buffer;

export interface ListOptions {
  limit: number;
  after?: string;
  signal?: AbortSignal;
}

export interface ListPage {
  objects: ObjectInfo[];
  /** Pass it as `after` to go on; undefined where there is no more. */
  next: string | undefined;
}
