import { Readable } from "node:stream";
import type { RequestContext } from "@lakehouse/core";
import {
  type FileCalls,
  IndexLoader,
  type IndexStore,
  type LoadedIndex,
  type RevivingThread,
  readIndexFile,
  type ShardThreads,
  type StoredIndex,
} from "@lakehouse/vectord/internals";

/** Nothing here waits. */
const context: RequestContext = { requestId: "fuzz", signal: new AbortController().signal };

/** The objects of one index in the bucket. */
export interface StoredObjects {
  file: Buffer | undefined;
  /** By sequence, ascending. */
  records: ReadonlyMap<number, Buffer>;
}

/** Through the readers and the loader of vectord. @throws what they throw */
export async function loadObjects(
  name: string,
  { file, records }: StoredObjects,
  threads: ShardThreads,
): Promise<LoadedIndex | undefined> {
  const store = {
    readRecord: async (_name: string, sequence: number) => records.get(sequence)!,
  } as Partial<IndexStore> as IndexStore;
  const files = {
    call: async (_call: string, _token: string, _name: string, shards: number) =>
      file && readIndexFile(Readable.from(inPieces(file)), { name, size: file.length, shards }),
  } as unknown as RevivingThread<FileCalls>;
  const stored: StoredIndex = {
    hasFile: file !== undefined,
    records: Array.from(records, ([sequence, { length: bytes }]) => ({ sequence, bytes })),
  };
  const loader = new IndexLoader({ store, files, token: () => "", threads });
  return loader.load(name, stored, context);
}

function inPieces(bytes: Buffer): Buffer[] {
  const middle = bytes.length >> 1;
  return bytes.length < 2 ? [bytes] : [bytes.subarray(0, middle), bytes.subarray(middle)];
}
