import type { DuckDBConnection } from "@duckdb/node-api";
import type { DatasetObject } from "@lakehouse/contracts";
import type { RequestContext } from "@lakehouse/core";

export type ObjectAccessMode = "direct" | "cache" | "httpfs";

/** What is needed of an object to find it. */
export type ObjectRef = Pick<DatasetObject, "key" | "size">;

/** Objects stay where they are until it is released. */
export interface Lease {
  release(): void;
}

/** How the engine comes by the objects of datasets. */
export interface ObjectAccess {
  readonly mode: ObjectAccessMode;
  /** Whether an object is in its place only while a lease is held on it. */
  readonly onDemand: boolean;
  /** All that the engine is allowed to read for it: folders or URL prefixes that end in a slash. */
  readonly allowedFolders: readonly string[];
  /** Run on the engine before it is locked. */
  prepare?(connection: DuckDBConnection): Promise<void>;
  /**
   * A path or URL that `read_parquet` takes.
   * @throws LakehouseError `invalid_key`
   */
  location(object: ObjectRef): string;
  /**
   * Sees to it that the engine can read the objects now.
   * @throws LakehouseError `cache_full`, `dataset_unavailable`, and those of storaged
   */
  hold(objects: readonly ObjectRef[], context: RequestContext): Promise<Lease>;
  /**
   * What is known of the bytes in the places of held objects. Once it is another, they have to be looked at again; where it
   * never changes, nobody can tell.
   */
  stateOf(objects: readonly ObjectRef[]): string;
}

export const noLease: Lease = { release: () => {} };

/** `read_parquet` takes these for patterns, and knows no way to escape them in S3. */
export function hasGlob(path: string): boolean {
  return /[*?[\]]/.test(path);
}
