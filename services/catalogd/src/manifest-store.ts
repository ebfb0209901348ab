import type { Manifest } from "@lakehouse/contracts";
import type { RequestContext } from "@lakehouse/core";

/** Where manifests outlive the process. One manifest is written or removed as a whole, or not at all. */
export interface ManifestStore {
  /** Of every stored manifest, damaged ones too. */
  names(context: RequestContext): Promise<string[]>;

  /**
   * @returns undefined where nothing is stored under the name
   * @throws DamagedManifestError where what is stored can't be read as the manifest of this name
   */
  read(name: string, context: RequestContext): Promise<Manifest | undefined>;

  /** Once begun it is not broken off by `context`. When it throws, the manifest may have been written all the same. */
  write(manifest: Manifest, context: RequestContext): Promise<void>;

  /** As `write`; no error where there is none. */
  remove(name: string, context: RequestContext): Promise<void>;

  /** @throws LakehouseError where the store can't be reached */
  ping(context: RequestContext): Promise<void>;
}

/** Something is stored, and it is not a manifest that we can serve. */
export class DamagedManifestError extends Error {
  /** The objects that it lists, as far as they could be read: they are safe from the garbage collector. */
  readonly keys: readonly string[];

  constructor(message: string, keys: readonly string[] = []) {
    super(message);
    this.keys = keys;
  }
}
