import type { Manifest, ObjectInfo } from "@lakehouse/contracts";
import { LakehouseError } from "@lakehouse/core";
import type { DatasetObjects } from "../src/dataset-objects.ts";
import { encodeManifest } from "../src/manifest-parquet.ts";
import { DamagedManifestError, type ManifestStore } from "../src/manifest-store.ts";
import { readManifest } from "../src/read-manifest.ts";

/** How a change can fail: before it is stored, or after, with the answer lost. */
export type Fault = "before" | "after" | undefined;

/** Real Parquet bytes in a map, for what a real storaged can't be made to do on demand: to fail, or wait, at a chosen step. */
export class MemoryManifestStore implements ManifestStore {
  readonly files = new Map<string, Uint8Array>();
  readonly calls: string[] = [];
  /** Of the next change. */
  fault: Fault;
  /** Where reads fail too: storaged is out of reach. */
  isDown: boolean = false;
  /** Runs before each change. */
  pause: (name: string) => Promise<void> = async () => {};

  async names(): Promise<string[]> {
    this.#assertUp();
    return [...this.files.keys()].sort((a, b) => (a < b ? -1 : 1));
  }

  async read(name: string): Promise<Manifest | undefined> {
    this.#assertUp();
    const bytes = this.files.get(name);
    if (bytes === undefined) return undefined;
    const read = readManifest(bytes, name);
    if ("manifest" in read) return read.manifest;
    throw new DamagedManifestError(read.damage, read.keys);
  }

  async write(manifest: Manifest): Promise<void> {
    await this.#change("write", manifest.name, () => this.files.set(manifest.name, encodeManifest(manifest)));
  }

  async remove(name: string): Promise<void> {
    await this.#change("remove", name, () => this.files.delete(name));
  }

  async ping(): Promise<void> {
    this.#assertUp();
  }

  async #change(what: string, name: string, change: () => unknown): Promise<void> {
    this.calls.push(`${what} ${name}`);
    const fault = this.fault;
    this.fault = undefined;
    await this.pause(name);
    this.#assertUp();
    if (fault !== "before") change();
    if (fault) throw outOfReach();
    this.calls.push(`${what} ${name} done`);
  }

  #assertUp(): void {
    if (this.isDown) throw outOfReach();
  }
}

export class MemoryDatasetObjects implements DatasetObjects {
  readonly stored = new Map<string, ObjectInfo>();
  /** Runs before each step that another party could come in between. */
  pause: (step: string) => Promise<void> = async () => {};

  upload(key: string, lastModified: number, size = 1): void {
    this.stored.set(key, { key, size, etag: '"x"', last_modified: new Date(lastModified).toISOString() });
  }

  async *list(): AsyncGenerator<ObjectInfo> {
    await this.pause("list");
    yield* [...this.stored.values()];
  }

  async find(key: string): Promise<ObjectInfo | undefined> {
    await this.pause(`find ${key}`);
    return this.stored.get(key);
  }

  async remove(key: string): Promise<void> {
    await this.pause(`remove ${key}`);
    this.stored.delete(key);
  }
}

function outOfReach(): LakehouseError {
  return new LakehouseError("upstream_unavailable", "storaged can't be reached.", {
    details: { upstream: "storaged" },
  });
}
