import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { access, lstat, mkdir, readdir, realpath, rm, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ObjectInfo, PutResult } from "@lakehouse/contracts";
import {
  assertKey,
  type GetOptions,
  type GetResult,
  LakehouseError,
  type ListOptions,
  type ListPage,
  type ObjectStore,
  type PutOptions,
} from "@lakehouse/core";
import { isHeld } from "@lakehouse/server";
import { resolveRange } from "../objects/byte-range.ts";
import { keyConflict, keyNotFound, rangeNotSatisfiable, wrongLength } from "../objects/storage-errors.ts";
import { errnoOf, isAbsent, refusal, toStorageError } from "./errors.ts";
import { FileBody, readRange } from "./file-body.ts";
import { etagOf, infoOf, writeWhole } from "./files.ts";
import { isRealFolder, moveIntoPlace, pruneFolders, removeEmptyTree, syncFolder } from "./folders.ts";
import { walkKeys } from "./listing.ts";

const SEGMENT_BYTES_MAX = 255;
const STATS_AT_ONCE = 64;
/** What a disk gives in one go (the kernel reads that far ahead) is read at once; more streams. */
const SMALL_BYTES = 128 * 2 ** 10;

/**
 * Opens the bucket that lies at `<dataDir>/<bucket>`, each object a file at the path of its key. Uploads gather in
 * `<dataDir>/.uploads/<bucket>`: the same file system, so that a rename moves them, and no path of any key.
 * @throws Error of node:fs where the folders can't be made
 */
export async function openFsObjectStore(dataDir: string, bucket: string): Promise<ObjectStore> {
  const root = await makeRealFolder(join(dataDir, bucket));
  const uploads = await makeRealFolder(join(dataDir, ".uploads", bucket));
  await syncFolder(dirname(root));
  return new FsObjectStore(root, uploads);
}

async function makeRealFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true });
  return realpath(path);
}

class FsObjectStore implements ObjectStore {
  readonly #root: string;
  readonly #uploads: string;
  /** Tells this process's uploads from those of one that died. */
  readonly #session = `${process.pid}-${Date.now().toString(36)}`;
  #uploadsBegun = 0;

  constructor(root: string, uploads: string) {
    this.#root = root;
    this.#uploads = uploads;
  }

  async put(key: string, body: AsyncIterable<Uint8Array>, { size }: PutOptions = {}): Promise<PutResult> {
    const path = this.#pathOf(key);
    this.#uploadsBegun += 1;
    const upload = join(this.#uploads, `${this.#session}-${this.#uploadsBegun}`);
    try {
      await assertFree(path, key);
      const stats = await writeWhole(upload, body);
      const written = Number(stats.size);
      if (size !== undefined && written !== size) throw wrongLength(size, written);
      await moveIntoPlace(upload, path, this.#root);
      return { key, size: written, etag: etagOf(stats) };
    } catch (error) {
      await this.#discard(upload);
      throw toStorageError(error, key);
    }
  }

  async get(key: string, { range, ifRange, ifNoneMatch }: GetOptions = {}): Promise<GetResult> {
    const { fd, info } = this.#open(key);
    let body: Buffer | FileBody | undefined;
    try {
      if (ifNoneMatch && isHeld(info.etag, ifNoneMatch)) return { status: "not_modified", info };
      const isPart = range !== undefined && (ifRange === undefined || ifRange === info.etag);
      const part = isPart ? resolveRange(range, info.size) : { start: 0, end: info.size - 1 };
      if (!part) throw rangeNotSatisfiable(info.size);
      const isSmall = part.end - part.start < SMALL_BYTES;
      body = isSmall ? readRange(fd, part) : new FileBody(fd, part);
      return { status: "found", info, body, ...(isPart && { range: part }) };
    } catch (error) {
      throw toStorageError(error, key);
    } finally {
      if (!(body instanceof FileBody)) closeSync(fd);
    }
  }

  async head(key: string): Promise<ObjectInfo> {
    const { fd, info } = this.#open(key);
    closeSync(fd);
    return info;
  }

  async delete(key: string): Promise<void> {
    const path = this.#pathOf(key);
    try {
      if (!(await lstat(path)).isFile() || !isRealFolder(dirname(path))) return;
      await unlink(path);
      await syncFolder(dirname(path));
      await pruneFolders(dirname(path), this.#root);
    } catch (error) {
      if (!isAbsent(error)) throw toStorageError(error, key);
    }
  }

  async list(prefix: string, { limit, after = "" }: ListOptions): Promise<ListPage> {
    const keys: string[] = [];
    try {
      for await (const key of walkKeys(this.#root, prefix, after)) {
        if (keys.length === limit) return { objects: await this.#infos(keys), next: keys.at(-1) };
        keys.push(key);
      }
      return { objects: await this.#infos(keys), next: undefined };
    } catch (error) {
      throw toStorageError(error, prefix);
    }
  }

  async ping(): Promise<void> {
    try {
      for (const folder of [this.#root, this.#uploads]) await access(folder, constants.W_OK);
    } catch (error) {
      throw refusal(error);
    }
  }

  async sweep(): Promise<void> {
    for (const name of await readdir(this.#uploads)) {
      if (!name.startsWith(`${this.#session}-`)) await rm(join(this.#uploads, name), { recursive: true, force: true });
    }
  }

  async close(): Promise<void> {}

  /** @throws LakehouseError `invalid_key` */
  #pathOf(key: string): string {
    assertKey(key);
    const segments = key.split("/");
    if (segments.some((segment) => Buffer.byteLength(segment) > SEGMENT_BYTES_MAX)) {
      throw new LakehouseError("invalid_key", `The object key has a segment over ${SEGMENT_BYTES_MAX} bytes.`);
    }
    return join(this.#root, ...segments);
  }

  async #discard(upload: string): Promise<void> {
    try {
      await rm(upload, { force: true });
    } catch {
      // The disk refuses this too. What failed first is the error to tell; the next start sweeps the file away.
    }
  }

  /** Without a hop to a thread for each call: what the calls cost is a few microseconds, and a hop some 15. */
  #open(key: string): { fd: number; info: ObjectInfo } {
    const path = this.#pathOf(key);
    let fd: number | undefined;
    try {
      // O_NONBLOCK: opening a named pipe would wait for its writer.
      fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      const stats = fstatSync(fd, { bigint: true });
      if (!stats.isFile() || !isRealFolder(dirname(path))) throw keyNotFound(key);
      return { fd, info: infoOf(key, stats) };
    } catch (error) {
      if (fd !== undefined) closeSync(fd);
      throw isAbsent(error) ? keyNotFound(key) : toStorageError(error, key);
    }
  }

  async #infos(keys: string[]): Promise<ObjectInfo[]> {
    const infos: ObjectInfo[] = [];
    for (let from = 0; from < keys.length; from += STATS_AT_ONCE) {
      const some = await Promise.all(keys.slice(from, from + STATS_AT_ONCE).map((key) => this.#info(key)));
      infos.push(...some.filter((info) => info !== undefined));
    }
    return infos;
  }

  async #info(key: string): Promise<ObjectInfo | undefined> {
    try {
      const stats = await lstat(join(this.#root, key), { bigint: true });
      return stats.isFile() ? infoOf(key, stats) : undefined;
    } catch (error) {
      if (isAbsent(error)) return undefined; // deleted since its folder was read
      throw error;
    }
  }
}

/** @throws what says that no file can stand at `path` */
async function assertFree(path: string, key: string): Promise<void> {
  try {
    if (!(await lstat(path)).isDirectory()) return;
    if (!isRealFolder(path)) throw keyConflict(key); // a symbolic link leads to it
    await removeEmptyTree(path);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
}
