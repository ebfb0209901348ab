import { resolve } from "node:path";
import type { StorageClient } from "@lakehouse/clients";
import { LakehouseError, type RequestContext } from "@lakehouse/core";
import { CacheFolder } from "./cache-folder.ts";
import { hasGlob, type Lease, type ObjectAccess, type ObjectRef } from "./object-access.ts";
import { ObjectCache } from "./object-cache.ts";

/** Objects fetched side by side for one query. */
const FETCHES_MAX = 4;

interface Options {
  folder: string;
  bytesMax: number;
  storage: Pick<StorageClient, "get">;
}

/** Each object is fetched once, through storaged, and read from a folder of this machine. */
export class CachedObjectAccess implements ObjectAccess {
  readonly mode = "cache";
  readonly onDemand = true;
  readonly allowedFolders: readonly string[];
  readonly cache: ObjectCache;
  readonly #folder: CacheFolder;
  readonly #storage: Pick<StorageClient, "get">;

  private constructor({ folder, bytesMax, storage }: Options) {
    const path = resolve(folder);
    if (hasGlob(path)) throw new Error(`queryd.cache_dir ${path} has a character of a pattern: * ? [ ]`);
    this.allowedFolders = [`${path}/`];
    this.#folder = new CacheFolder(path);
    this.cache = new ObjectCache(this.#folder, bytesMax);
    this.#storage = storage;
  }

  static async open(options: Options): Promise<CachedObjectAccess> {
    const access = new CachedObjectAccess(options);
    await access.cache.open();
    return access;
  }

  location(object: ObjectRef): string {
    return this.#folder.pathOf(this.#folder.nameOf(object));
  }

  async hold(objects: readonly ObjectRef[], { requestId }: RequestContext): Promise<Lease> {
    // A fetch outlives the query that began it: others may wait for it, and the next one will want the object.
    const context: RequestContext = { requestId, signal: new AbortController().signal };
    const pins: (() => void)[] = [];
    const release = () => {
      for (const unpin of pins.splice(0)) unpin();
    };
    const queue = objects.values();
    const worker = async () => {
      for (const object of queue) pins.push(await this.#pin(object, context));
    };
    const outcomes = await Promise.allSettled(Array.from({ length: FETCHES_MAX }, worker));
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (!failed) return { release };
    release();
    throw failed.reason;
  }

  stateOf(objects: readonly ObjectRef[]): string {
    return objects.map((object) => this.#folder.fetchOf(this.#folder.nameOf(object))).join(" ");
  }

  #pin(object: ObjectRef, context: RequestContext): Promise<() => void> {
    const file = { name: this.#folder.nameOf(object), size: object.size };
    return this.cache.pin(file, async () => {
      try {
        const { body } = await this.#storage.get(object.key, context);
        await this.#folder.write(file, body);
      } catch (error) {
        throw explainFetch(error);
      }
    });
  }
}

/** In the words of a query: it knows datasets, and no keys. */
function explainFetch(error: unknown): unknown {
  if (error instanceof LakehouseError) {
    if (error.code !== "key_not_found") return error;
    return new LakehouseError("dataset_unavailable", "An object of a dataset is missing.", { cause: error });
  }
  const { code = "" } = error as NodeJS.ErrnoException;
  if (!/^(UND_ERR|ECONN|EPIPE)/.test(code)) return error;
  const message = "storaged broke off while it sent an object.";
  return new LakehouseError("upstream_unavailable", message, { details: { upstream: "storaged" }, cause: error });
}
