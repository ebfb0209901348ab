import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { LakehouseError } from "@lakehouse/contracts";
import type { ObjectRef } from "./object-access.ts";

const PARTIAL = ".partial";
/** After a restart, what was used last is known this closely. */
const TOUCH_EVERY_MS = 60_000;
const complete = /^[0-9a-f]{64}-(\d+)\.parquet$/;

export interface CachedFile {
  name: string;
  size: number;
}

/** The files of the object cache: whole, or not there. */
export class CacheFolder {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  nameOf({ key, size }: ObjectRef): string {
    return `${createHash("sha256").update(key).digest("hex")}-${size}.parquet`;
  }

  pathOf(name: string): string {
    return join(this.#path, name);
  }

  /** @returns what an earlier process left, the longest unused first; what is not whole is removed */
  async open(): Promise<CachedFile[]> {
    await mkdir(this.#path, { recursive: true });
    const found: (CachedFile & { usedAt: number })[] = [];
    for (const name of await readdir(this.#path)) {
      const [, size] = complete.exec(name) ?? [];
      const { size: actual, mtimeMs } = await stat(this.pathOf(name));
      if (size !== undefined && Number(size) === actual) found.push({ name, size: actual, usedAt: mtimeMs });
      else if (size !== undefined || name.endsWith(PARTIAL)) await this.remove(name);
    }
    return found.sort((a, b) => a.usedAt - b.usedAt);
  }

  /** Whether the file is there in its full length; notes, now and then, that it was used. */
  async touch({ name, size }: CachedFile): Promise<boolean> {
    const path = this.pathOf(name);
    try {
      const { size: actual, mtimeMs } = await stat(path);
      const now = Date.now();
      if (actual === size && mtimeMs < now - TOUCH_EVERY_MS) await utimes(path, now / 1_000, now / 1_000);
      return actual === size;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
      throw error;
    }
  }

  /**
   * Durable before it gets its name, so that a file of the right length is one of the right content.
   * @throws LakehouseError `dataset_unavailable` where the object has another size, `cache_full` where the disk is full
   */
  async write({ name, size }: CachedFile, body: Readable): Promise<void> {
    const partial = this.pathOf(name + PARTIAL);
    try {
      await pipeline(body, createWriteStream(partial, { flush: true }));
      const { size: actual } = await stat(partial);
      if (actual !== size) throw wrongSize(size, actual);
      await rename(partial, this.pathOf(name));
    } catch (error) {
      await rm(partial, { force: true });
      throw isDiskFull(error)
        ? new LakehouseError("cache_full", "The disk of the object cache is full.", { cause: error })
        : error;
    }
  }

  remove(name: string): Promise<void> {
    return rm(this.pathOf(name), { force: true });
  }
}

function wrongSize(expected: number, actual: number): LakehouseError {
  const message = `An object has ${actual} bytes where its manifest says ${expected}.`;
  return new LakehouseError("dataset_unavailable", message);
}

function isDiskFull(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException).code ?? "");
}
