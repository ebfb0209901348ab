import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { assertKey, LakehouseError } from "@lakehouse/core";
import { hasGlob, type Lease, noLease, type ObjectAccess, type ObjectRef } from "./object-access.ts";

/** An fs bucket of this machine: its files are read in place. */
export class DirectObjectAccess implements ObjectAccess {
  readonly mode = "direct";
  readonly onDemand = false;
  readonly allowedFolders: readonly string[];
  readonly #root: string;

  /** @param dataDir root of storaged's fs buckets, each of which is a folder of its name */
  constructor(dataDir: string, bucket: string) {
    this.#root = resolve(dataDir, bucket);
    if (hasGlob(this.#root)) throw new Error(`storaged.data_dir ${dataDir} has a character of a pattern: * ? [ ]`);
    this.allowedFolders = [`${this.#root}/`];
  }

  location({ key }: ObjectRef): string {
    assertKey(key);
    if (hasGlob(key)) throw new LakehouseError("invalid_key", "The object key has a character of a pattern: * ? [ ].");
    return join(this.#root, key);
  }

  async hold(): Promise<Lease> {
    return noLease;
  }

  /** A look at each file, some microseconds long: storaged never overwrites an object, but others can reach its folder. */
  stateOf(objects: readonly ObjectRef[]): string {
    return objects.map((object) => stateOfFile(this.location(object))).join(" ");
  }
}

function stateOfFile(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? "missing" : `${stats.ino}-${stats.mtimeMs}-${stats.size}`;
}
