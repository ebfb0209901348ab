import { createHash, type Hash } from "node:crypto";
import { type BigIntStats, createReadStream, createWriteStream } from "node:fs";
import { lstat, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { LakehouseError } from "@lakehouse/core";
import type { ObjectRef } from "./object-access.ts";

const PARTIAL = ".partial";
/** Beside each file, the SHA-256 of what was fetched into it. */
const DIGEST = ".sha256";
/** After a restart, what was used last is known this closely. */
const TOUCH_EVERY_MS = 60_000;
const RETRY_AFTER_SECONDS = 5;
const complete = /^[0-9a-f]{64}-(\d+)\.parquet$/;

export interface CachedFile {
  name: string;
  size: number;
}

/** The files of the object cache: whole, or not there. */
export class CacheFolder {
  readonly #path: string;
  /** By name, the state of the file in which its bytes were seen to be right. */
  readonly #verified = new Map<string, string>();
  /** By name, which of all fetches brought the file. */
  readonly #fetches = new Map<string, number>();
  #fetchCount = 0;

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
    const names = new Set(await readdir(this.#path));
    for (const name of names) {
      const [, size] = complete.exec(name) ?? [];
      if (size === undefined) {
        if (isLeftover(name, names)) await rm(this.pathOf(name), { force: true, recursive: true });
        continue;
      }
      const stats = await lstat(this.pathOf(name));
      const isWhole = stats.isFile() && Number(size) === stats.size;
      if (isWhole) found.push({ name, size: stats.size, usedAt: stats.mtimeMs });
      else await this.remove(name);
    }
    return found.sort((a, b) => a.usedAt - b.usedAt);
  }

  /** Another number once the file has been fetched anew; 0 where an earlier process fetched it. */
  fetchOf(name: string): number {
    return this.#fetches.get(name) ?? 0;
  }

  /**
   * Whether the file is there with the bytes that were fetched. They are read for it at its first use, and when someone has
   * touched the file since; otherwise a look at its state is enough. Notes, now and then, that it was used.
   */
  async isWhole({ name, size }: CachedFile): Promise<boolean> {
    try {
      const stats = await stat(this.pathOf(name), { bigint: true });
      if (Number(stats.size) !== size) return false;
      if (this.#verified.get(name) !== stateOf(stats) && !(await this.#hasItsDigest(name))) return false;
      if (Number(stats.mtimeMs) < Date.now() - TOUCH_EVERY_MS) await this.#touch(name);
      else this.#verified.set(name, stateOf(stats));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
      throw error;
    }
  }

  /**
   * Durable before it gets its name.
   * @throws LakehouseError `dataset_unavailable` where the object has another size, `cache_full` where the disk is full
   */
  async write({ name, size }: CachedFile, body: Readable): Promise<void> {
    const path = this.pathOf(name);
    const partial = path + PARTIAL;
    const digest = createHash("sha256");
    const file = createWriteStream(partial, { flush: true });
    try {
      await pipeline(body, hashing(digest), file);
      const { size: actual } = await stat(partial);
      if (actual !== size) throw wrongSize(size, actual);
      await writeFile(path + DIGEST, digest.digest("hex"));
      await rename(partial, path);
      this.#verified.set(name, stateOf(await stat(path, { bigint: true })));
      this.#fetchCount += 1;
      this.#fetches.set(name, this.#fetchCount);
    } catch (error) {
      // One that is destroyed while it is being opened makes its file nevertheless, a moment later.
      if (!file.closed) await new Promise<void>((resolve) => file.once("close", () => resolve()));
      await rm(partial, { force: true });
      await this.remove(name);
      throw isDiskFull(error) ? diskFull(error) : error;
    }
  }

  async remove(name: string): Promise<void> {
    this.#verified.delete(name);
    this.#fetches.delete(name);
    for (const path of [this.pathOf(name), this.pathOf(name) + DIGEST])
      await rm(path, { force: true, recursive: true });
  }

  /** @throws Error ENOENT where either file is missing */
  async #hasItsDigest(name: string): Promise<boolean> {
    const path = this.pathOf(name);
    const digest = createHash("sha256");
    const expected = await readFile(path + DIGEST, "utf8");
    await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), digest);
    return digest.digest("hex") === expected;
  }

  async #touch(name: string): Promise<void> {
    const now = new Date();
    await utimes(this.pathOf(name), now, now);
    this.#verified.set(name, stateOf(await stat(this.pathOf(name), { bigint: true })));
  }
}

/** Passes on what it is given. */
function hashing(digest: Hash): (chunks: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  return async function* (chunks) {
    for await (const chunk of chunks) {
      digest.update(chunk);
      yield chunk;
    }
  };
}

function isLeftover(name: string, names: ReadonlySet<string>): boolean {
  return name.endsWith(PARTIAL) || (name.endsWith(DIGEST) && !names.has(name.slice(0, -DIGEST.length)));
}

/** Whoever writes to the file changes it: the kernel sets the time of change, and nobody else can. */
function stateOf({ ino, ctimeNs, size }: BigIntStats): string {
  return `${ino}-${ctimeNs}-${size}`;
}

function wrongSize(expected: number, actual: number): LakehouseError {
  const message = `An object has ${actual} bytes where its manifest says ${expected}.`;
  return new LakehouseError("dataset_unavailable", message);
}

function diskFull(cause: unknown): LakehouseError {
  const message = "The disk of the object cache (queryd.cache_dir) is full.";
  return new LakehouseError("cache_full", message, { retryAfterSeconds: RETRY_AFTER_SECONDS, cause });
}

function isDiskFull(error: unknown): boolean {
  return ["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException).code ?? "");
}
