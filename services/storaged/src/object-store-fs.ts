import { constants } from "node:fs";
import { access, type FileHandle, lstat, mkdir, open, readdir, realpath, rm, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  assertKey,
  type GetOptions,
  type GetResult,
  LakehouseError,
  type ListOptions,
  type ListPage,
  type ObjectInfo,
  type ObjectStore,
  type PutResult,
} from "@lakehouse/contracts";
import { resolveRange } from "./byte-range.ts";
import { isHeld } from "./entity-tags.ts";
import { FileBody } from "./file-body.ts";
import { errnoOf, isAbsent, refusal, toStorageError } from "./fs-errors.ts";
import { etagOf, infoOf, writeWhole } from "./fs-files.ts";
import { isRealFolder, moveIntoPlace, pruneFolders, removeEmptyTree, syncFolder } from "./fs-folders.ts";
import { walkKeys } from "./fs-listing.ts";
import { keyConflict, keyNotFound, rangeNotSatisfiable } from "./storage-errors.ts";

const SEGMENT_BYTES_MAX = 255;
const STATS_AT_ONCE = 64;

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

  async put(key: string, body: AsyncIterable<Uint8Array>): Promise<PutResult> {
    const path = this.#pathOf(key);
    this.#uploadsBegun += 1;
    const upload = join(this.#uploads, `${this.#session}-${this.#uploadsBegun}`);
    try {
      await assertFree(path, key);
      const stats = await writeWhole(upload, body);
      await moveIntoPlace(upload, path, this.#root);
      return { key, size: Number(stats.size), etag: etagOf(stats) };
    } catch (error) {
      await this.#discard(upload);
      throw toStorageError(error, key);
    }
  }

  async get(key: string, { range, ifRange, ifNoneMatch }: GetOptions = {}): Promise<GetResult> {
    const { handle, info } = await this.#open(key);
    try {
      if (ifNoneMatch && isHeld(info.etag, ifNoneMatch)) {
        await handle.close();
        return { status: "not_modified", info };
      }
      if (!range || (ifRange !== undefined && ifRange !== info.etag)) {
        return { status: "found", info, body: new FileBody(handle, { start: 0, end: info.size - 1 }) };
      }
      const part = resolveRange(range, info.size);
      if (!part) throw rangeNotSatisfiable(info.size);
      return { status: "found", info, range: part, body: new FileBody(handle, part) };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async head(key: string): Promise<ObjectInfo> {
    const { handle, info } = await this.#open(key);
    await handle.close();
    return info;
  }

  async delete(key: string): Promise<void> {
    const path = this.#pathOf(key);
    try {
      if (!(await lstat(path)).isFile() || !(await isRealFolder(dirname(path)))) return;
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

  async #open(key: string): Promise<{ handle: FileHandle; info: ObjectInfo }> {
    const path = this.#pathOf(key);
    let handle: FileHandle | undefined;
    try {
      // O_NONBLOCK: opening a named pipe would wait for its writer.
      handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      const stats = await handle.stat({ bigint: true });
      if (!stats.isFile() || !(await isRealFolder(dirname(path)))) throw keyNotFound(key);
      return { handle, info: infoOf(key, stats) };
    } catch (error) {
      await handle?.close();
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
    if (!(await isRealFolder(path))) throw keyConflict(key); // a symbolic link leads to it
    await removeEmptyTree(path);
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error;
  }
}
