import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import type { GetOptions, GetResult, ObjectStore } from "@lakehouse/core";

export const MiB = 2 ** 20;

/** Bytes that look random and are always the same for a size and a seed. */
export function bytesOf(size: number, seed = 0): Buffer {
  const block = createHash("shake256", { outputLength: 8191 }).update(String(seed)).digest();
  return Buffer.alloc(size, block);
}

/** As a socket would bring it. */
export async function* inChunks(bytes: Uint8Array, chunkBytes = 65_536): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += chunkBytes) yield bytes.subarray(from, from + chunkBytes);
}

/** A client that goes away after so many bytes. */
export async function* breakingOff(bytes: Uint8Array, error: Error): AsyncGenerator<Uint8Array> {
  yield* inChunks(bytes);
  throw error;
}

export async function putBytes(store: ObjectStore, key: string, bytes: Uint8Array): Promise<string> {
  return (await store.put(key, inChunks(bytes))).etag;
}

export async function getBytes(store: ObjectStore, key: string, options?: GetOptions): Promise<Buffer> {
  return bytesFound(await store.get(key, options));
}

/** The whole body, or the status where there is none. */
export async function bytesFound(result: GetResult): Promise<Buffer> {
  if (result.status !== "found") return Buffer.from(result.status);
  return Buffer.isBuffer(result.body) ? result.body : buffer(result.body);
}

/** @returns every page of a listing */
export async function listPages(store: ObjectStore, prefix: string, limit = 1_000): Promise<string[][]> {
  const pages: string[][] = [];
  let after: string | undefined;
  do {
    const { objects, next } = await store.list(prefix, { limit, ...(after === undefined ? {} : { after }) });
    pages.push(objects.map(({ key }) => key));
    after = next;
  } while (after !== undefined);
  return pages;
}
