import { statSync } from "node:fs";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { Manifest } from "@lakehouse/contracts";
import { testPlatform } from "@lakehouse/server";
import { type TemporaryFolder, temporaryFolder } from "@lakehouse/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { noLease, type ObjectAccess, type ObjectRef } from "../objects/object-access.ts";
import { DatasetViews } from "./dataset-views.ts";

const context = { requestId: "test", signal: new AbortController().signal };

let folder: TemporaryFolder;
let instance: DuckDBInstance;
let reader: DuckDBConnection;
let views: DatasetViews;
/** Fetches that are under way, by key, until the test lets them end. */
let gates: Map<string, PromiseWithResolvers<void>>;

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

beforeEach(async () => {
  instance = await DuckDBInstance.create(":memory:");
  const writer = await instance.connect();
  await writer.run("SET GLOBAL immediate_transaction_mode = true"); // as Engine does
  for (const version of [1, 2]) {
    await writer.run(`COPY (SELECT ${version} AS version) TO '${folder.path}/v${version}.parquet'`);
  }
  reader = await instance.connect();
  gates = new Map();
  const access: ObjectAccess = {
    mode: "cache",
    onDemand: true,
    allowedFolders: [`${folder.path}/`],
    location: ({ key }) => `${folder.path}/${key}`,
    stateOf: () => "",
    async hold(objects: readonly ObjectRef[]) {
      await Promise.all(objects.map(({ key }) => gates.get(key)?.promise));
      return noLease;
    },
  };
  views = new DatasetViews({ connection: writer, access, logger: testPlatform("queryd").logger });
});

const manifestOf = (version: number): Manifest => ({
  ...{ dataset_id: "a8f3c1d2-4e5b-5a6c-9d8e-7f0a1b2c3d4e", name: "set", schema_fingerprint: "v1", row_count: 1 },
  columns: [{ name: "version", type: "INTEGER" }],
  objects: [{ key: `v${version}.parquet`, size: statSync(`${folder.path}/v${version}.parquet`).size, row_count: 1 }],
  created_at: "2026-01-01T00:00:00.000Z",
  updated_at: "2026-01-01T00:00:00.000Z",
});

const begin = async () => void (await reader.run("BEGIN TRANSACTION READ ONLY"));
const read = async () => (await reader.runAndReadAll("SELECT version FROM set")).getRows().flat();

test("a query whose objects come late does not put the view of before back in the place of the new one", async () => {
  gates.set("v1.parquet", Promise.withResolvers());
  await views.apply([manifestOf(1)]);
  const late = views.hold(["set"], context, begin);
  await views.apply([manifestOf(2)]);
  expect(await views.hold(["set"], context, async () => {})).toBeDefined();
  gates.get("v1.parquet")!.resolve();
  expect(await late, "it must begin again").toBeUndefined();
  expect(await read()).toEqual([2]);
});

test("a query sees the views of the moment at which its objects were held, also when the dataset is replaced before it reads", async () => {
  await views.apply([manifestOf(1)]);
  expect(await views.hold(["set"], context, begin)).toBeDefined();
  await views.apply([manifestOf(2)]);
  expect(await read()).toEqual([1]);
});

test("a query over a dataset that is gone begins again, rather than to ask the engine, which would name others", async () => {
  await views.apply([manifestOf(1)]);
  await views.apply([]);
  expect(await views.hold(["set"], context, begin)).toBeUndefined();
  expect(await views.lease(["set"], context)).toBeUndefined();
});
