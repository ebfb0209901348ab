import { writeFile } from "node:fs/promises";
import { DuckDBInstance } from "@duckdb/node-api";
import { ask, eventually } from "@lakehouse/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeManifest } from "../src/manifest-parquet.ts";
import { nextManifest } from "../src/next-manifest.ts";
import { type Processes, startProcesses } from "./processes.ts";
import { registerRequest } from "./requests.ts";

/** Small files that ask for a lot, and files of another shape, as SELECTs that DuckDB writes as Parquet. */
const files: Record<string, string> = {
  rows: "SELECT 'a' AS name, 0::BIGINT AS row_count FROM range(60_000_000)",
  list: "SELECT 'a' AS name, (SELECT list(0::BIGINT) FROM range(10_000_000)) AS columns",
  text: "SELECT repeat('a', 100_000_000) AS name",
  no_rows: "SELECT 'a' AS name WHERE false",
  other_columns: "SELECT 1 AS a",
  other_types: `SELECT 1 AS dataset_id, 'other_types' AS name, [1] AS schema_fingerprint, 'x' AS columns, {'a': 1} AS objects,
    'many' AS row_count, DATE '2026-01-01' AS created_at, NULL AS updated_at`,
};

let processes: Processes;
let url: string;

beforeAll(async () => {
  processes = await startProcesses();
  url = processes.catalogd.url;
  for (const name of ["first", "zz_last"]) await ask("POST", `${url}/catalog/register`, registerRequest(name));
  await writeHostile(`${processes.folder}/objects/primary/_catalog/manifests`);
  await processes.catalogd.restart();
}, 240_000);
afterAll(() => processes[Symbol.asyncDispose]());

test("manifests that ask for more than there is, or have another shape, are named, and keep nothing else from loading", async () => {
  const ready = await eventually(
    "it has loaded",
    async () => {
      const { body } = await ask("GET", `${url}/ready`);
      return body.checks.catalog.status === "degraded" && body;
    },
    120_000,
  );
  const { damaged } = ready.checks.catalog.details;
  expect(damaged.map(({ name }: { name: string }) => name)).toEqual(
    Object.keys(files).sort((a, b) => (a < b ? -1 : 1)),
  );
  for (const { reason } of damaged) expect(reason).toMatch(/^It can't be read as a manifest: .{1,300}$/s);
  const { manifests } = (await ask("GET", `${url}/catalog/list`)).body;
  expect(manifests.map(({ name }: { name: string }) => name)).toEqual(["first", "zz_last"]);
});

test("while they are read again and again, the others are served and registered", async () => {
  const slowest = { ms: 0 };
  for (let turn = 0; turn < 40; turn++) {
    const startedAt = performance.now();
    expect((await ask("GET", `${url}/health`)).status).toBe(200);
    slowest.ms = Math.max(slowest.ms, performance.now() - startedAt);
    expect((await ask("POST", `${url}/catalog/register`, registerRequest("first"))).status).toBe(200);
  }
  expect(slowest.ms).toBeLessThan(2_000);
});

test("one that is put right is served a few seconds later", async () => {
  const folder = `${processes.folder}/objects/primary/_catalog/manifests`;
  await writeFile(`${folder}/broken.parquet`, "PAR1");
  await processes.catalogd.restart();
  const manifest = () => ask("GET", `${processes.catalogd.url}/catalog/manifest/broken`);
  await eventually("it is damaged", async () => (await manifest()).body.code === "manifest_damaged", 120_000);
  await ask("POST", `${url}/catalog/register`, registerRequest("other"));
  await writeFile(
    `${folder}/broken.parquet`,
    encodeManifest(nextManifest(undefined, registerRequest("broken"), Date.now())),
  );
  await eventually("it is served", async () => (await manifest()).status === 200, 120_000);
});

async function writeHostile(folder: string): Promise<void> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  for (const [name, select] of Object.entries(files)) {
    await connection.run(`COPY (${select}) TO '${folder}/${name}.parquet' (FORMAT parquet, COMPRESSION zstd)`);
  }
  instance.closeSync();
}
