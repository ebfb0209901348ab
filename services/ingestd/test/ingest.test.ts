import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { ingestResultSchema } from "@lakehouse/contracts";
import { schemaFingerprint } from "@lakehouse/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ingest, ingestForm, manifest, type Processes, startProcesses } from "./processes.ts";

const WORKERS = [
  "id,name,zip,rate,active,since,seen,note",
  '1,Ann,00501,1.75,true,2024-02-29,2024-01-01T10:00:00Z,"says ""hi"", twice"',
  '2,"Bö",60601,2,FALSE,2023-12-31,2024-01-01T12:00:00+02:00,"two\nlines"',
  "3,,10001,,true,,,",
].join("\n");

const WORKER_COLUMNS = [
  { name: "id", type: "BIGINT" },
  { name: "name", type: "VARCHAR" },
  { name: "zip", type: "VARCHAR" },
  { name: "rate", type: "DOUBLE" },
  { name: "active", type: "BOOLEAN" },
  { name: "since", type: "DATE" },
  { name: "seen", type: "TIMESTAMPTZ" },
  { name: "note", type: "VARCHAR" },
];

let processes: Processes;
let duckdb: DuckDBConnection;

beforeAll(async () => {
  processes = await startProcesses({ max_ingest_bytes: 64 * 2 ** 20 });
  duckdb = await (await DuckDBInstance.create(":memory:")).connect();
});

afterAll(async () => {
  duckdb.closeSync();
  await processes[Symbol.asyncDispose]();
});

async function sql(query: string, key: string): Promise<unknown[][]> {
  const path = processes.objectPath(key);
  return (await duckdb.runAndReadAll(query.replace("$object", `read_parquet('${path}')`))).getRowsJson() as unknown[][];
}

describe("an upload becomes a dataset", () => {
  it("answers with manifest, columns, rows and object, and catalogd serves the same manifest", async () => {
    const { status, body } = await ingestForm(processes.ingestd, "name=workers", WORKERS);
    expect(status).toBe(200);
    expect(ingestResultSchema.parse(body)).toEqual(body);
    expect(body.columns).toEqual(WORKER_COLUMNS);
    expect(body.row_count).toBe(3);
    expect((await manifest(processes.catalogd, "workers")).body).toEqual(body.manifest);
    expect(processes.spooled()).toEqual([]);
  });

  it("names the object by fingerprint and content, whichever way the bytes came", async () => {
    const form = await ingestForm(processes.ingestd, "name=named", WORKERS);
    const raw = await ingest(processes.ingestd, "name=named", WORKERS);
    const content = createHash("sha256").update(WORKERS).digest("hex");
    const key = `datasets/named/${schemaFingerprint(WORKER_COLUMNS)}/${content}.parquet`;
    expect([form.body.object.key, raw.body.object.key]).toEqual([key, key]);
    expect(raw.body.object.size).toBe(statSync(processes.objectPath(key)).size);
  });

  it("keeps every value, field ids from 1, and bounds of each column", async () => {
    const { body } = await ingest(processes.ingestd, "name=values", WORKERS);
    const { key } = body.object;
    expect(await sql("SELECT zip, rate, active, since, epoch(seen), note FROM $object", key)).toEqual([
      ["00501", 1.75, true, "2024-02-29", 1704103200, 'says "hi", twice'],
      ["60601", 2, false, "2023-12-31", 1704103200, "two\nlines"],
      ["10001", null, true, null, null, null],
    ]);
    const path = processes.objectPath(key);
    const schema = await duckdb.runAndReadAll(
      `SELECT name, field_id FROM parquet_schema('${path}') WHERE field_id IS NOT NULL`,
    );
    expect(schema.getRowsJson()).toEqual(WORKER_COLUMNS.map(({ name }, index) => [name, String(index + 1)]));
    expect(body.manifest.objects[0].stats).toEqual({
      id: { min: 1, max: 3, null_count: 0 },
      name: { min: "Ann", max: "Bö", null_count: 1 },
      zip: { min: "00501", max: "60601", null_count: 0 },
      rate: { min: 1.75, max: 2, null_count: 1 },
      active: { min: false, max: true, null_count: 0 },
      since: { min: "2023-12-31", max: "2024-02-29", null_count: 1 },
      seen: { min: "2024-01-01T10:00:00Z", max: "2024-01-01T10:00:00Z", null_count: 1 },
      note: { min: 'says "hi", twice', max: "two\nlines", null_count: 1 },
    });
  });

  it("takes a header alone as a dataset of 0 rows", async () => {
    const { status, body } = await ingest(processes.ingestd, "name=empty", "a,b\n");
    expect([status, body.row_count, body.columns]).toEqual([
      200,
      0,
      [
        { name: "a", type: "VARCHAR" },
        { name: "b", type: "VARCHAR" },
      ],
    ]);
    expect(await sql("SELECT count(*) FROM $object", body.object.key)).toEqual([["0"]]);
  });

  it("reads other delimiters", async () => {
    for (const delimiter of [";", "\t", "|"]) {
      const query = `name=delimited&mode=replace&delimiter=${encodeURIComponent(delimiter)}`;
      const { body } = await ingest(processes.ingestd, query, `a${delimiter}b\n1,5${delimiter}2\n`);
      expect(body.columns).toEqual([
        { name: "a", type: "VARCHAR" },
        { name: "b", type: "BIGINT" },
      ]);
    }
  });

  it("widens by a value far past any sample, and drops no row", async () => {
    const rows = Array.from({ length: 400_000 }, (_, row) => `${row},${row},`);
    const csv = `id,amount,late\n${rows.join("\n")}\n400000,1.75,007\n`;
    const { body } = await ingest(processes.ingestd, "name=late", csv);
    expect(body.columns.map(({ type }: { type: string }) => type)).toEqual(["BIGINT", "DOUBLE", "VARCHAR"]);
    expect(await sql("SELECT count(*), max(id), sum(amount), max(late) FROM $object", body.object.key)).toEqual([
      ["400001", "400000", (399_999 * 400_000) / 2 + 1.75, "007"],
    ]);
  });
});

describe("the same dataset again", () => {
  it.each(["replace", "append"])(
    "an object that another version wrote stays, and so does its entry: %s",
    async (mode) => {
      const { body } = await ingest(processes.ingestd, `name=kept_${mode}`, WORKERS);
      const { manifest, object } = body;
      const other = { ...manifest.objects[0], size: 5 };
      await fetch(`${processes.storaged.url}/storage/put/${object.key}`, { method: "PUT", body: "other" });
      await fetch(`${processes.catalogd.url}/catalog/register`, {
        method: "POST",
        body: JSON.stringify({
          name: manifest.name,
          schema_fingerprint: manifest.schema_fingerprint,
          columns: manifest.columns,
          objects: [other],
          row_count: manifest.row_count,
        }),
      });
      const again = await ingest(processes.ingestd, `name=kept_${mode}&mode=${mode}`, WORKERS);
      expect(again.body).toMatchObject({ object: { key: object.key, size: 5 }, manifest: { objects: [other] } });
      expect(await (await fetch(`${processes.storaged.url}/storage/get/${object.key}`)).text()).toBe("other");
    },
  );

  it("re-ingesting a file leaves id, object and row count, and does not write the object again", async () => {
    const first = await ingest(processes.ingestd, "name=again", WORKERS);
    const path = processes.objectPath(first.body.object.key);
    const written = statSync(path, { bigint: true });
    for (const mode of ["replace", "append"]) {
      const { body } = await ingest(processes.ingestd, `name=again&mode=${mode}`, WORKERS);
      expect(body.object).toEqual(first.body.object);
      expect(body.manifest).toMatchObject({ dataset_id: first.body.manifest.dataset_id, row_count: 3 });
      expect(body.manifest.objects).toEqual(first.body.manifest.objects);
    }
    expect(statSync(path, { bigint: true }).ino).toBe(written.ino);
    expect(statSync(path, { bigint: true }).mtimeNs).toBe(written.mtimeNs);
  });

  it("append adds an object, replace leaves the new one alone", async () => {
    await ingest(processes.ingestd, "name=grows", "a\n1\n2\n");
    const added = await ingest(processes.ingestd, "name=grows&mode=append", "a\n3\n");
    expect([added.body.row_count, added.body.manifest.row_count, added.body.manifest.objects.length]).toEqual([
      1, 3, 2,
    ]);
    const replaced = await ingest(processes.ingestd, "name=grows", "a\n3\n");
    expect(replaced.body.manifest).toMatchObject({ row_count: 1, objects: [{ key: added.body.object.key }] });
  });

  it("a registered type leads where every value reads as it", async () => {
    await ingest(processes.ingestd, "name=leads", "zip,paid,day\n00501,1.5,2024-01-01\n");
    const { status, body } = await ingest(processes.ingestd, "name=leads", "zip,paid,day\n60601,2,\n60602,3,\n");
    expect([status, body.columns]).toEqual([
      200,
      [
        { name: "zip", type: "VARCHAR" },
        { name: "paid", type: "DOUBLE" },
        { name: "day", type: "DATE" },
      ],
    ]);
    expect(await sql("SELECT zip, paid, day FROM $object", body.object.key)).toEqual([
      ["60601", 2, null],
      ["60602", 3, null],
    ]);
  });

  it("what does not fit is drift: 409 with the difference, the object removed, the dataset as it was", async () => {
    const before = await ingest(processes.ingestd, "name=drift", "id,paid\n1,1.5\n");
    const objects = processes.objects();
    const { status, body } = await ingest(processes.ingestd, "name=drift", "id,paid\n1,9007199254740993\nx,2\n");
    expect([status, body.code]).toEqual([409, "schema_conflict"]);
    expect(body.details.changed).toEqual([
      { name: "id", registered: "BIGINT", offered: "VARCHAR" },
      { name: "paid", registered: "DOUBLE", offered: "BIGINT" },
    ]);
    const added = await ingest(processes.ingestd, "name=drift&mode=append", "id,paid,more\n1,1.5,x\n");
    expect([added.status, added.body.details.added]).toEqual([409, [{ name: "more", type: "VARCHAR" }]]);
    expect((await manifest(processes.catalogd, "drift")).body).toEqual(before.body.manifest);
    expect(processes.objects()).toEqual(objects);
    expect(processes.spooled()).toEqual([]);
  });

  it("a name that differs only in case is refused, and nothing of it stays", async () => {
    await ingest(processes.ingestd, "name=Cased", "a\n1\n");
    const objects = processes.objects();
    const { status, body } = await ingest(processes.ingestd, "name=cased", "a\n1\n");
    expect([status, body.code, processes.objects()]).toEqual([409, "name_conflict", objects]);
  });
});

describe("types from the client", () => {
  it("override inference and what is registered", async () => {
    const query = `name=asked&types=${encodeURIComponent("zip:VARCHAR,paid:double")}`;
    const { body } = await ingest(processes.ingestd, query, "zip,paid,n\n60601,5,7\n");
    expect(body.columns.map(({ type }: { type: string }) => type)).toEqual(["VARCHAR", "DOUBLE", "BIGINT"]);
  });

  it("a value that does not read as asked is named by column and line", async () => {
    const rows = Array.from({ length: 300_000 }, (_, row) => `${row},x`).join("\n");
    const { status, body } = await ingest(
      processes.ingestd,
      "name=asked2&types=n:BIGINT",
      `n,t\n${rows}\n007,y\n1,z\n`,
    );
    expect([status, body.code, body.details]).toEqual([
      400,
      "type_mismatch",
      { line: 300_002, column: "n", type: "BIGINT" },
    ]);
  });
});
