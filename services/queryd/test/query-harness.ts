import { mkdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { CatalogListing } from "@lakehouse/clients";
import type { Manifest } from "@lakehouse/contracts";
import { type RequestContext, schemaFingerprint } from "@lakehouse/core";
import { testPlatform } from "@lakehouse/server";
import { temporaryFolder } from "@lakehouse/testing";
import { Engine } from "../src/engine/engine.ts";
import type { ObjectAccess } from "../src/objects/object-access.ts";
import { DirectObjectAccess } from "../src/objects/object-access-direct.ts";
import { QueryRunner } from "../src/query/query-runner.ts";
import { QuerySlots } from "../src/session/query-slots.ts";
import { CatalogWatch } from "../src/views/catalog-watch.ts";
import { DatasetViews } from "../src/views/dataset-views.ts";

/** catalogd's list, in memory: what it holds, and how often it was asked. */
class MemoryCatalog {
  requests = 0;
  /** Set to make the next answers fail or wait. */
  before: (() => Promise<void>) | undefined;
  readonly #manifests = new Map<string, Manifest>();
  #version = 0;

  register(manifest: Manifest): void {
    this.#manifests.set(manifest.name, manifest);
    this.#version += 1;
  }

  delete(name: string): void {
    this.#manifests.delete(name);
    this.#version += 1;
  }

  async list(_context: RequestContext, etag?: string): Promise<CatalogListing | "not_modified"> {
    this.requests += 1;
    // What is answered is decided when the question arrives, as in a server.
    const listing = { etag: `"${this.#version}"`, manifests: [...this.#manifests.values()] };
    await this.before?.();
    return listing.etag === etag ? "not_modified" : listing;
  }
}

export interface HarnessOptions {
  slots?: number;
  timeoutMs?: number;
  memoryLimitBytes?: number;
  threads?: number;
  access?: ObjectAccess;
}

/** A query runner over real Parquet files in a folder, without HTTP. */
export async function openHarness(options: HarnessOptions = {}) {
  const folder = await temporaryFolder();
  const exportFolder = join(folder.path, "exports/");
  const spillFolder = join(folder.path, "spill");
  await mkdir(exportFolder);
  const access = options.access ?? new DirectObjectAccess(join(folder.path, "objects"), "primary");
  const engine = await Engine.open({
    memoryLimitBytes: options.memoryLimitBytes ?? 256 * 2 ** 20,
    threads: options.threads ?? 2,
    spillFolder,
    allowedFolders: [...access.allowedFolders, exportFolder],
  });
  const { logger } = testPlatform("queryd");
  const catalog = new MemoryCatalog();
  const views = new DatasetViews({ connection: await engine.connect(), access, logger });
  const watch = new CatalogWatch({ catalog, views, logger, timeoutMs: 5_000, everyMs: 0 });
  const slots = new QuerySlots(options.slots ?? 4);
  const runner = new QueryRunner({
    engine,
    views,
    watch,
    slots,
    logger,
    timeoutMs: options.timeoutMs ?? 20_000,
    exportFolder,
    objectFolders: [...access.allowedFolders, exportFolder],
  });
  const objectPath = (key: string) => join(folder.path, "objects", "primary", key);

  /** Writes the rows of a SELECT as an object, and registers a dataset of that one. */
  async function addDataset(name: string, select: string, key = `datasets/${name}/1.parquet`): Promise<Manifest> {
    await mkdir(dirname(objectPath(key)), { recursive: true });
    const { columns, rows, size } = await writeParquet(select, objectPath(key));
    const manifest = { ...manifestOf(name, columns), objects: [{ key, size, row_count: rows }], row_count: rows };
    catalog.register(manifest);
    return manifest;
  }

  return {
    folder: folder.path,
    exportFolder,
    engine,
    views,
    watch,
    slots,
    runner,
    catalog,
    objectPath,
    addDataset,
    async [Symbol.asyncDispose]() {
      await engine.close();
      await folder.remove();
    },
  };
}

export type Harness = Awaited<ReturnType<typeof openHarness>>;

export function manifestOf(name: string, columns: Manifest["columns"], ...keys: string[]): Manifest {
  return {
    dataset_id: "00000000-0000-5000-8000-000000000000",
    name,
    schema_fingerprint: schemaFingerprint(columns),
    columns,
    objects: keys.map((key) => ({ key, size: 1, row_count: 1 })),
    row_count: keys.length,
    created_at: "2024-01-01T00:00:00Z",
    updated_at: new Date().toISOString(),
  };
}

interface WrittenParquet {
  columns: Manifest["columns"];
  rows: number;
  size: number;
}

export async function writeParquet(select: string, path: string): Promise<WrittenParquet> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const written = await connection.runAndReadAll(
    `COPY (${select}) TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 20480)`,
  );
  const described = await connection.runAndReadAll(`DESCRIBE ${select}`);
  instance.closeSync();
  const columns = described.getRows().map(([name, type]) => ({ name: String(name), type: String(type) }));
  return { columns, rows: Number(written.getRows()[0]![0]), size: (await stat(path)).size };
}
