import { readdir } from "node:fs/promises";
import { Readable } from "node:stream";
import { expect } from "vitest";
import type { ObjectRef } from "../src/objects/object-access.ts";

/** Stands for storaged, in memory: an object's bytes are its key, repeated to its size. */
export class MemoryStorage {
  readonly fetched: string[] = [];
  /** Called before an object's bytes are given. */
  before: ((key: string) => Promise<void>) | undefined;
  body = (key: string): Buffer => Buffer.alloc(Number(key.split("-").at(-1)), key);

  async get(key: string) {
    this.fetched.push(key);
    await this.before?.(key);
    const body = this.body(key);
    return { size: body.length, etag: '"e"', body: Readable.from([body], { objectMode: false }) };
  }
}

/** Its size is in its name. */
export const object = (name: string, size: number): ObjectRef => ({ key: `${name}-${size}`, size });

/** Counts the objects in a cache's folder: beside each lies its digest. */
export async function countObjects(folder: string): Promise<number> {
  const names = await readdir(folder);
  const digests = names.filter((name) => name.endsWith(".sha256"));
  expect(digests.every((name) => names.includes(name.replace(".sha256", "")))).toBe(true);
  return names.length - digests.length;
}
