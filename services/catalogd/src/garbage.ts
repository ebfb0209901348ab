import type { GcResult, ObjectInfo } from "@lakehouse/contracts";
import { type RequestContext, seesDataset } from "@lakehouse/core";
import { KeyedLock } from "@lakehouse/server";
import type { Catalog } from "./catalog.ts";
import type { DatasetObjects } from "./dataset-objects.ts";
import { GARBAGE_OBJECTS_MAX } from "./limits.ts";

export interface GarbageDependencies {
  catalog: Pick<Catalog, "assertLoaded" | "mayList" | "removeUnlisted">;
  objects: DatasetObjects;
  /** Age in milliseconds below which an object may still be on its way into a manifest. */
  graceMs: number;
  onRemoved?: (object: ObjectInfo) => void;
  now?: () => number;
}

/** Removes objects that no manifest lists and that are older than the grace. */
export class GarbageCollector {
  readonly #catalog: GarbageDependencies["catalog"];
  readonly #objects: DatasetObjects;
  readonly #graceMs: number;
  readonly #onRemoved: (object: ObjectInfo) => void;
  readonly #now: () => number;
  readonly #lock = new KeyedLock();

  constructor({ catalog, objects, graceMs, onRemoved = () => {}, now = Date.now }: GarbageDependencies) {
    this.#catalog = catalog;
    this.#objects = objects;
    this.#graceMs = graceMs;
    this.#onRemoved = onRemoved;
    this.#now = now;
  }

  /**
   * One collection at a time. A dry run tells what it would remove; `removed` and `bytes` count what was removed.
   * @throws LakehouseError `not_loaded`, or where storaged fails; what was removed until then stays removed
   */
  async collect(dryRun: boolean, context: RequestContext): Promise<GcResult> {
    return this.#lock.run("", async () => {
      this.#catalog.assertLoaded();
      const garbage: ObjectInfo[] = [];
      const oldest = this.#now() - this.#graceMs;
      for await (const object of this.#objects.list(context)) {
        if (garbage.length === GARBAGE_OBJECTS_MAX) break;
        if (!seesDataset(context.caller, datasetOf(object.key))) continue;
        if (!isOlder(object, oldest) || this.#catalog.mayList(object.key)) continue;
        if (dryRun || (await this.#remove(object, oldest, context))) garbage.push(object);
      }
      return result(dryRun, garbage);
    });
  }

  /** Its age is asked for again: the same content may have been uploaded anew since it was listed. */
  async #remove({ key }: ObjectInfo, oldest: number, context: RequestContext): Promise<boolean> {
    return this.#catalog.removeUnlisted(key, async () => {
      const object = await this.#objects.find(key, context);
      if (object === undefined || !isOlder(object, oldest)) return false;
      await this.#objects.remove(key, context);
      this.#onRemoved(object);
      return true;
    });
  }
}

/** `datasets/<name>/…`; objects are listed under that prefix alone. */
function datasetOf(key: string): string {
  return key.split("/", 2)[1] ?? "";
}

function isOlder({ last_modified }: ObjectInfo, oldest: number): boolean {
  return Date.parse(last_modified) <= oldest;
}

function result(dryRun: boolean, objects: ObjectInfo[]): GcResult {
  const garbage = objects.map(({ key, size, last_modified }) => ({ key, size, last_modified }));
  const removed = dryRun ? [] : objects;
  const bytes = removed.reduce((sum, { size }) => sum + size, 0);
  return { dry_run: dryRun, garbage, removed: removed.length, bytes };
}
