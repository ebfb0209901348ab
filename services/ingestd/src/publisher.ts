import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { CatalogClient, StorageClient } from "@lakehouse/clients";
import type { DatasetObject, Manifest, RegisterMode } from "@lakehouse/contracts";
import {
  backgroundContext,
  DATASETS_PREFIX,
  isLakehouseError,
  LakehouseError,
  type RequestContext,
  schemaFingerprint,
} from "@lakehouse/core";
import type { CsvContents } from "./convert/convert-csv.ts";
import { CLEANUP_MS_MAX } from "./limits.ts";

export interface Publication {
  name: string;
  mode: RegisterMode;
  contents: CsvContents;
  /** SHA-256, in hexadecimal, of the bytes that the client sent. */
  sha256: string;
  parquetPath: string;
}

export interface Published {
  manifest: Manifest;
  object: DatasetObject;
}

/** Makes a Parquet file part of a dataset: the object first, then the manifest that names it, so that no reader sees half of it. */
export class Publisher {
  readonly #storage: StorageClient;
  readonly #catalog: CatalogClient;

  constructor(storage: StorageClient, catalog: CatalogClient) {
    this.#storage = storage;
    this.#catalog = catalog;
  }

  /** @returns the dataset's manifest, undefined for a new one */
  async registered(name: string, context: RequestContext): Promise<Manifest | undefined> {
    try {
      return await this.#catalog.manifest(name, context);
    } catch (error) {
      if (isLakehouseError(error, "dataset_not_found")) return undefined;
      throw error;
    }
  }

  /** @throws LakehouseError `schema_conflict`, `name_conflict`, and what storaged and catalogd say when they can't serve */
  async publish(
    { name, mode, contents, sha256, parquetPath }: Publication,
    context: RequestContext,
  ): Promise<Published> {
    const { columns, rowCount, stats } = contents;
    const fingerprint = schemaFingerprint(columns);
    const { size } = await stat(parquetPath);
    const key = `${DATASETS_PREFIX}${name}/${fingerprint}/${sha256}.parquet`;
    const live = await this.#live(name, key, context);
    const object = live ?? { key, size, row_count: rowCount, stats };
    if (live === undefined) await this.#put(object, parquetPath, context);
    const request = { name, schema_fingerprint: fingerprint, columns, objects: [object], row_count: rowCount, mode };
    try {
      const { manifest } = await this.#catalog.register(request, context);
      return { manifest, object };
    } catch (error) {
      if (isRefusal(error)) await this.#removeUnlisted(key);
      throw error;
    }
  }

  /**
   * The same file again: its object is listed and there, and is left as it is, also where this version would write other bytes.
   * @returns it as it is listed
   */
  async #live(name: string, key: string, context: RequestContext): Promise<DatasetObject | undefined> {
    const manifest = await this.registered(name, context);
    const listed = manifest?.objects.find((object) => object.key === key);
    if (listed === undefined) return undefined;
    for await (const stored of this.#storage.list(key, context)) {
      return stored.key === key && stored.size === listed.size ? listed : undefined;
    }
    return undefined;
  }

  async #put({ key, size }: DatasetObject, path: string, context: RequestContext): Promise<void> {
    await this.#storage.put(key, { size, open: () => createReadStream(path) }, context);
  }

  /**
   * After a register that was refused. After one that failed otherwise nothing is removed: catalogd may have taken it without our
   * hearing of it. If not, its garbage collection finds the object.
   */
  async #removeUnlisted(key: string): Promise<void> {
    const context = backgroundContext(CLEANUP_MS_MAX);
    const listing = await this.#catalog.list(context);
    const isListed =
      listing === "not_modified" ||
      listing.manifests.some(({ objects }) => objects.some((object) => object.key === key));
    if (!isListed) await this.#storage.delete(key, context);
  }
}

/** catalogd looked at the register and said no. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof LakehouseError &&
    error.status >= 400 &&
    error.status < 500 &&
    error.code !== "client_closed_request"
  );
}
