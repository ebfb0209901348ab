import { errorBodySchema, queryDatasetsSchema, queryResultSchema } from "@lakehouse/contracts";
import { eventually, openRawConnection } from "@lakehouse/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AskOptions, type Lakehouse, startLakehouse } from "./lakehouse.ts";

let lakehouse: Lakehouse;

beforeAll(async () => {
  lakehouse = await startLakehouse();
  await lakehouse.ingest(
    "workers",
    'id,name,zip,rate,since\n1,"Ada ""A"" L",00501,21.5,2024-01-31\n2,Bo,,19,2023-05-01\n3,"Cy, jr",10001,,\n',
  );
});

afterAll(() => lakehouse[Symbol.asyncDispose]());

async function rows(sql: string, params?: unknown[]): Promise<unknown[][]> {
  const response = await lakehouse.ask({ sql, ...(params ? { params } : {}) });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return queryResultSchema.parse(JSON.parse(text)).rows;
}

async function refusal(body: unknown, options?: AskOptions) {
  const response = await lakehouse.ask(body, options);
  return { status: response.status, ...errorBodySchema.parse(await response.json()) };
}

describe("POST /sql", () => {
  test("gives columns, rows, count and time", async () => {
    const response = await lakehouse.ask({ sql: "SELECT * FROM workers ORDER BY id" });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(Number(response.headers.get("content-length"))).toBeGreaterThan(100);
    const result = queryResultSchema.parse(await response.json());
    expect(result.columns).toEqual([
      { name: "id", type: "BIGINT" },
      { name: "name", type: "VARCHAR" },
      { name: "zip", type: "VARCHAR" },
      { name: "rate", type: "DOUBLE" },
      { name: "since", type: "DATE" },
    ]);
    expect(result.rows).toEqual([
      [1, 'Ada "A" L', "00501", 21.5, "2024-01-31"],
      [2, "Bo", null, 19, "2023-05-01"],
      [3, "Cy, jr", "10001", null, null],
    ]);
    expect(result.row_count).toBe(3);
    expect(result.elapsed_ms).toBeGreaterThan(0);
  });

  test("keeps the digits of a parameter that a double would change", async () => {
    const body =
      '{"sql":"SELECT $1 = 9007199254740993, $1, $2, $3","params":[9007199254740993, -9223372036854775809, 1e300]}';
    const response = await lakehouse.ask(body);
    expect(await response.text()).toContain("[true,9007199254740993,-9223372036854775809,1e+300]");
    const beyond = `{"sql":"SELECT ?","params":[${2n ** 127n}]}`;
    expect(await refusal(beyond)).toMatchObject({ code: "invalid_request", details: [{ path: "params.0" }] });
  });

  test.each([
    [{ sql: "-- nothing" }, "sql"],
    [{ sql: "SELECT ?" }, "params"],
    [{ sql: "SELECT 1", params: [1] }, "params"],
    [{ sql: "SELECT ?", params: [[1]] }, "params.0"],
  ])("names what of %j does not fit", async (body, path) => {
    expect(await refusal(body)).toMatchObject({ code: "invalid_request", details: [{ path }] });
  });

  test("takes parameters, and a statement as people paste it", async () => {
    expect(await rows("SELECT name FROM workers WHERE id = $1 OR zip = $2 ORDER BY id;", [2, "00501"])).toEqual([
      ['Ada "A" L'],
      ["Bo"],
    ]);
    expect(await rows("-- how many\nSELECT count(*) FROM Workers; -- done")).toEqual([[3]]);
    expect(await rows("DESCRIBE workers")).toHaveLength(5);
  });

  test("writes digits that JSON's readers would lose", async () => {
    const response = await lakehouse.ask({
      sql: "SELECT 9007199254740993 AS a, 1.10::DECIMAL(4,2) AS b, 2::HUGEINT ** 100",
    });
    expect(await response.text()).toContain("[9007199254740993,1.10,");
  });

  test("takes JSON whatever curl calls it", async () => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    expect((await lakehouse.ask({ sql: "SELECT 1" }, { headers })).status).toBe(200);
  });
});

describe("formats", () => {
  const sql = "SELECT id, name FROM workers WHERE id < 3 ORDER BY id";
  const csv = 'id,name\n1,"Ada ""A"" L"\n2,Bo\n';
  const ndjson = '{"id":1,"name":"Ada \\"A\\" L"}\n{"id":2,"name":"Bo"}\n';

  test.each<[AskOptions, string, string]>([
    [{ headers: { accept: "text/csv" } }, "text/csv; charset=utf-8", csv],
    [{ query: "?format=csv" }, "text/csv; charset=utf-8", csv],
    [{ headers: { accept: "application/x-ndjson" } }, "application/x-ndjson; charset=utf-8", ndjson],
    [{ query: "?format=ndjson", headers: { accept: "text/csv" } }, "application/x-ndjson; charset=utf-8", ndjson],
    [{ headers: { accept: "text/csv;q=0.5, application/x-ndjson" } }, "application/x-ndjson; charset=utf-8", ndjson],
  ])("%j", async (options, contentType, body) => {
    const response = await lakehouse.ask({ sql }, options);
    expect(response.headers.get("content-type")).toBe(contentType);
    expect(await response.text()).toBe(body);
  });

  test.each([
    ["*/*"],
    ["application/json"],
    ["text/html,application/xhtml+xml,*/*;q=0.8"],
    ["text/csv;q=0, application/json"],
    ["image/png"],
  ])("Accept: %s gives JSON", async (accept) => {
    const response = await lakehouse.ask({ sql }, { headers: { accept } });
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
  });

  test.each([
    ["parquet", "application/vnd.apache.parquet", "PAR1"],
    ["arrow", "application/vnd.apache.arrow.stream", "\xff\xff\xff\xff"],
  ])("%s", async (format, mediaType, magic) => {
    for (const options of [{ query: `?format=${format}` }, { headers: { accept: mediaType } }]) {
      const response = await lakehouse.ask({ sql }, options);
      expect(response.headers.get("content-type")).toBe(mediaType);
      expect(Buffer.from(await response.arrayBuffer()).toString("latin1", 0, 4)).toBe(magic);
    }
  });

  test("one that does not exist is 400", async () => {
    expect(await refusal({ sql }, { query: "?format=xml" })).toMatchObject({
      status: 400,
      code: "invalid_request",
      details: [{ path: "format" }],
    });
  });
});

describe("refusals", () => {
  test.each<[unknown, number, string]>([
    [{ sql: "" }, 400, "invalid_request"],
    [{ sql: "  \n" }, 400, "invalid_request"],
    [{ sql: "-- nothing" }, 400, "invalid_request"],
    [{}, 400, "invalid_request"],
    [{ sql: 1 }, 400, "invalid_request"],
    [{ sql: "SELECT 1", more: 1 }, 400, "invalid_request"],
    [{ sql: "SELECT 1", params: [{}] }, 400, "invalid_request"],
    [{ sql: "SELECT 1", params: [1] }, 400, "invalid_request"],
    [{ sql: "SELECT $1" }, 400, "invalid_request"],
    [{ sql: "SELECT 1", timeout_ms: 0 }, 400, "invalid_request"],
    ["{", 400, "invalid_json"],
    [{ sql: "SELECT FROM" }, 400, "sql_error"],
    [{ sql: "SELECT * FROM nope" }, 400, "sql_error"],
    [{ sql: "SELECT nope FROM workers" }, 400, "sql_error"],
    [{ sql: "DROP VIEW workers" }, 400, "statement_not_allowed"],
    [{ sql: "SELECT 1; SELECT 2" }, 400, "statement_not_allowed"],
    [{ sql: "SELECT * FROM '/etc/passwd'" }, 400, "statement_not_allowed"],
    [{ sql: "SELECT * FROM read_text('/etc/passwd')" }, 400, "statement_not_allowed"],
    [{ sql: "EXPLAIN ANALYZE COPY workers TO '/tmp/x'" }, 400, "statement_not_allowed"],
  ])("%j is %i %s", async (body, status, code) => {
    expect(await refusal(body)).toMatchObject({ status, code });
  });

  test("a statement of a million characters is too long, a body of five million bytes too large", async () => {
    const sql = `SELECT '${"x".repeat(1_100_000)}'`;
    expect(await refusal({ sql })).toMatchObject({ status: 400, code: "invalid_request", details: [{ path: "sql" }] });
    await using connection = await openRawConnection(lakehouse.queryd.url);
    connection.send(
      "POST /sql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 5000000\r\n\r\n",
    );
    await connection.receives(/413 [\s\S]*payload_too_large/);
  });

  test("a mistake is DuckDB's to explain", async () => {
    expect(await refusal({ sql: "SELECT nam FROM workers" })).toMatchObject({
      error: expect.stringMatching(/^Binder Error: .*"nam"[\s\S]*Candidate bindings: "name"[\s\S]*LINE 1/),
      details: { kind: "binder" },
    });
  });

  test("another method is 405", async () => {
    const response = await fetch(`${lakehouse.queryd.url}/sql`);
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
  });
});

describe("GET /sql/datasets", () => {
  test("lists what can be queried, and why the rest can't be", async () => {
    const broken = {
      name: "broken",
      schema_fingerprint: "0".repeat(64),
      columns: [{ name: "a", type: "BIGINT" }],
      objects: [{ key: "datasets/broken/none.parquet", size: 10, row_count: 1 }],
      row_count: 1,
    };
    const registered = await fetch(`${lakehouse.catalogd.url}/catalog/register`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(broken),
    });
    expect(registered.status).toBe(200);

    const response = await fetch(`${lakehouse.queryd.url}/sql/datasets`);
    const { datasets } = queryDatasetsSchema.parse(await response.json());
    expect(datasets).toMatchObject([
      { name: "broken", status: "failed", row_count: 1, columns: [{ name: "a", type: "BIGINT" }] },
      { name: "workers", status: "ready", row_count: 3 },
    ]);
    expect(datasets[0]!.error).not.toContain(lakehouse.folder);
    expect(await refusal({ sql: "FROM broken" })).toMatchObject({ status: 503, code: "dataset_unavailable" });
    expect(await rows("SELECT count(*) FROM workers")).toEqual([[3]]);

    const ready = await fetch(`${lakehouse.queryd.url}/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([
      200,
      { status: "degraded", checks: { datasets: { details: [{ name: "broken" }] }, objects: { status: "ok" } } },
    ]);
    await fetch(`${lakehouse.catalogd.url}/catalog/manifest/broken`, { method: "DELETE" });
    expect(await (await fetch(`${lakehouse.queryd.url}/ready`)).json()).toMatchObject({
      checks: { catalogd: { status: "ok" } },
    });
    expect(await refusal({ sql: "FROM broken" })).toMatchObject({ status: 400, code: "sql_error" });
  });
});

test("a dataset is there for the query after its ingest, and its replacement too", async () => {
  for (let i = 0; i < 20; i++) {
    await lakehouse.ingest("growing", `n\n${Array.from({ length: i + 1 }, (_, n) => n).join("\n")}\n`);
    expect(await rows("SELECT count(*) FROM growing")).toEqual([[i + 1]]);
  }
});

test("a dataset whose object was gone is there for the query after the same file is ingested again", async () => {
  const csv = "n\n1\n";
  const { object } = await lakehouse.ingest("healed", csv);
  await fetch(`${lakehouse.storaged.url}/storage/delete/${object.key}`, { method: "DELETE" });
  await eventually("it fails", async () => (await refusal({ sql: "FROM healed" })).code === "dataset_unavailable");
  await lakehouse.ingest("healed", csv);
  expect(await rows("FROM healed")).toEqual([[1]]);
});

test("a dataset that is called like a list of DuckDB's own takes nobody's place", async () => {
  for (const name of ["duckdb_tables", "DuckDB_Views", "duckdb_columns"]) await lakehouse.ingest(name, "a\n1\n");
  for (const sql of [
    "SHOW TABLES",
    "SHOW ALL TABLES",
    "FROM information_schema.tables",
    "FROM information_schema.columns",
  ])
    expect(await rows(sql)).not.toEqual([]);
  expect(await refusal({ sql: "FROM duckdb_tables" })).toMatchObject({
    code: "dataset_unavailable",
    details: { reason: expect.stringContaining("take another") },
  });
});

test("a query says nothing of where it ran: no path in any error, plan or listing", async () => {
  const answers = await Promise.all(
    [
      "EXPLAIN ANALYZE SELECT sum(id) FROM workers",
      "EXPLAIN (FORMAT json) SELECT sum(id) FROM workers",
      "SELECT * FROM information_schema.tables",
      "SELECT * FROM information_schema.columns",
      "SHOW ALL TABLES",
      "SHOW DATABASES",
      "SUMMARIZE workers",
      "SELECT view_definition FROM information_schema.views",
      "SELECT * FROM duckdb_views()",
      "SELECT filename FROM workers",
    ].map(async (sql) => (await lakehouse.ask({ sql })).text()),
  );
  expect(answers.join("\n")).not.toContain(lakehouse.folder);
  expect(answers.join("\n")).not.toContain(".parquet");
});

test("a client that sends its body in pieces is answered", async () => {
  await using connection = await openRawConnection(lakehouse.queryd.url);
  connection.send(
    "POST /sql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 18\r\n\r\n",
  );
  connection.send('{"sql":"SEL');
  connection.send('ECT 1"}');
  await connection.receives(/"row_count":1/);
});
