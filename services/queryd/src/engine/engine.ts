import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { literal } from "../sql/sql-quoting.ts";
import { type EngineNames, readEngineNames } from "./engine-names.ts";

export interface EngineOptions {
  memoryLimitBytes: number;
  threads: number;
  /** Where the engine spills what does not fit its memory. */
  spillFolder: string;
  /** Folders (and, once httpfs is loaded, URL prefixes) that the engine may touch; each ends in a slash. */
  allowedFolders: readonly string[];
  /** Run before the engine is locked: LOAD httpfs and its secrets. */
  prepare?: (connection: DuckDBConnection) => Promise<void>;
}

/** What can be switched off before anything else happens, is. */
const optionsAtOpen = {
  allow_persistent_secrets: "false",
  autoinstall_known_extensions: "false",
  autoload_known_extensions: "false",
  allow_community_extensions: "false",
};

/** One in-memory DuckDB, locked: no statement can widen again what it may reach. See docs/decisions/0004-sql-walls.md. */
export class Engine {
  readonly names: EngineNames;
  readonly #instance: DuckDBInstance;
  #spare: Promise<DuckDBConnection> | undefined;

  private constructor(instance: DuckDBInstance, names: EngineNames) {
    this.#instance = instance;
    this.names = names;
  }

  static async open(options: EngineOptions): Promise<Engine> {
    // What lies on a disk of this machine the kernel keeps: a copy of our own would grow up to `memory_limit` with every object
    // that was ever read, and saves no time. Who reads over a network switches it on.
    const instance = await DuckDBInstance.create(":memory:", { ...optionsAtOpen, enable_external_file_cache: "false" });
    const connection = await instance.connect();
    try {
      // The order matters: an s3:// entry of allowed_directories is a local path until httpfs is loaded.
      await options.prepare?.(connection);
      for (const statement of settings(options)) await connection.run(statement);
      await assertLocked(connection);
      return new Engine(instance, await readEngineNames(connection));
    } finally {
      connection.closeSync();
    }
  }

  connect(): Promise<DuckDBConnection> {
    return this.#instance.connect();
  }

  /** A connection that nothing has run on yet. The next one is made ready meanwhile. */
  async freshConnection(): Promise<DuckDBConnection> {
    const connection = this.#spare ?? this.connect();
    this.#spare = this.connect();
    this.#spare.catch(() => {}); // whoever is given it hears of it
    return connection;
  }

  async close(): Promise<void> {
    (await this.#spare)?.closeSync();
    this.#instance.closeSync();
  }
}

function settings({ memoryLimitBytes, threads, spillFolder, allowedFolders }: EngineOptions): string[] {
  return [
    `SET memory_limit = ${literal(`${memoryLimitBytes} B`)}`,
    `SET threads = ${threads}`,
    `SET temp_directory = ${literal(spillFolder)}`,
    // Else the allocator keeps up to 128 MiB a thread of what a large result needed.
    "SET allocator_flush_threshold = '16MiB'",
    "SET allocator_background_threads = true",
    // Objects never change, so a file's footer is read once.
    "SET GLOBAL parquet_metadata_cache = true",
    "SET GLOBAL TimeZone = 'UTC'",
    // Else a transaction sees the views as they are when it first reads one, not as they were when it began.
    "SET GLOBAL immediate_transaction_mode = true",
    `SET allowed_directories = [${allowedFolders.map(literal).join(", ")}]`,
    "SET enable_external_access = false",
    // The one setting that exists a connection only, so each query sets it. The guard lets no SET pass.
    "SET allowed_configs = ['streaming_buffer_size']",
    "SET lock_configuration = true",
  ];
}

/** Read back, since a setting that is silently ignored would be a hole in the wall. */
async function assertLocked(connection: DuckDBConnection): Promise<void> {
  const expected = { ...optionsAtOpen, enable_external_access: "false", lock_configuration: "true" };
  const reader = await connection.runAndReadAll("SELECT name, value FROM duckdb_settings()");
  const values = new Map(reader.getRows().map(([name, value]) => [String(name), String(value)]));
  for (const [name, value] of Object.entries(expected)) {
    if (values.get(name) !== value) throw new Error(`DuckDB did not keep ${name} = ${value}.`);
  }
}
