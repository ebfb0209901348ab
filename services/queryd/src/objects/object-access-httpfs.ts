import type { DuckDBConnection } from "@duckdb/node-api";
import { assertKey, LakehouseError } from "@lakehouse/core";
import type { BucketConfig, S3Credentials } from "@lakehouse/server";
import { literal } from "../sql/sql-quoting.ts";
import { hasGlob, type Lease, noLease, type ObjectAccess, type ObjectRef } from "./object-access.ts";
import { createObjectSecret } from "./object-secret.ts";

interface Options {
  bucket: Extract<BucketConfig, { backend: "s3" }>;
  credentials: S3Credentials | undefined;
  /** Where the httpfs extension is; empty: DuckDB's own place. */
  extensionDirectory: string;
  /** Whether it may be fetched from DuckDB's server. */
  install: boolean;
}

/** The engine reads objects from S3 itself, by ranges. */
export class HttpfsObjectAccess implements ObjectAccess {
  readonly mode = "httpfs";
  readonly onDemand = false;
  readonly allowedFolders: readonly string[];
  readonly #options: Options;
  readonly #prefix: string;

  constructor(options: Options) {
    this.#options = options;
    this.#prefix = `s3://${options.bucket.bucket}/`;
    this.allowedFolders = [this.#prefix];
  }

  async prepare(connection: DuckDBConnection): Promise<void> {
    const { extensionDirectory, install } = this.#options;
    if (extensionDirectory !== "") await connection.run(`SET extension_directory = ${literal(extensionDirectory)}`);
    if (install) await connection.run("INSTALL httpfs");
    await connection.run("LOAD httpfs");
    await connection.run("SET GLOBAL enable_external_file_cache = true");
    // Objects never change, so what was learnt of one by HEAD is asked for once.
    await connection.run("SET GLOBAL enable_http_metadata_cache = true");
    const { bucket, credentials } = this.#options;
    await createObjectSecret(connection, { bucket, credentials, scope: this.#prefix });
  }

  location({ key }: ObjectRef): string {
    assertKey(key);
    if (hasGlob(key)) throw new LakehouseError("invalid_key", "The object key has a character of a pattern: * ? [ ].");
    return this.#prefix + key;
  }

  async hold(): Promise<Lease> {
    return noLease;
  }

  /** Asking the server costs a request an object and query; the engine asks once, and takes objects for what they are: immutable. */
  stateOf(): string {
    return "";
  }
}
