import { readdir, rm, writeFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { DuckDBInstance } from "@duckdb/node-api";
import type { QueryRequest, ResultFormat } from "@lakehouse/contracts";
import type { LakehouseError } from "@lakehouse/core";
import { eventually } from "@lakehouse/testing";
import { tableFromIPC } from "apache-arrow";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { contextOf, type Harness, type HarnessOptions, manifestOf, openHarness } from "../../test/query-harness.ts";
import { QUEUE_PER_SLOT } from "../session/limits.ts";
import { everything } from "../views/visibility.ts";

/** Runs for minutes unless it is stopped. */
const ENDLESS = "SELECT count(*) FROM range(10_000_000) a, range(10_000_000) b WHERE a.range + b.range = 3";

let harness: Harness;

beforeEach(async () => {
  harness = await openHarness();
  await harness.addDataset("numbers", "SELECT range AS i, 'text ' || range AS t FROM range(100_000)");
});

afterEach(() => harness[Symbol.asyncDispose]());

async function reopen(options: HarnessOptions): Promise<void> {
  await harness[Symbol.asyncDispose]();
  harness = await openHarness(options);
}

const run = (request: QueryRequest | string, format: ResultFormat = "json", signal?: AbortSignal) =>
  harness.runner.run(typeof request === "string" ? { sql: request } : request, format, contextOf(signal));

async function answer(request: QueryRequest | string, format: ResultFormat = "json"): Promise<Buffer> {
  const body = await run(request, format);
  return body instanceof Readable ? buffer(body) : body;
}

async function rows(request: QueryRequest | string): Promise<unknown[][]> {
  return (JSON.parse((await answer(request)).toString()) as { rows: unknown[][] }).rows;
}

const failure = (request: QueryRequest | string, format: ResultFormat = "json") =>
  answer(request, format).then(
    () => expect.unreachable("it should fail"),
    (error: LakehouseError) => error,
  );

/** What can't be interrupted takes seconds of the processor, and many more by the clock where others want it too. */
const IDLE_MS_MAX = 80_000;
const isIdle = () => harness.slots.running === 0 && harness.slots.waiting === 0;
/** Nothing of any query is left in the engine. */
const idle = () => eventually("the engine is idle", isIdle, IDLE_MS_MAX);

describe("an answer", () => {
  test("that is small comes whole, one that is large as a stream", async () => {
    expect(await run("SELECT count(*) FROM numbers")).toBeInstanceOf(Buffer);
    const body = await run("SELECT * FROM numbers");
    expect(body).toBeInstanceOf(Readable);
    const { rows: all, row_count } = JSON.parse((await buffer(body as Readable)).toString());
    expect([all.length, row_count, all[99_999]]).toEqual([100_000, 100_000, [99_999, "text 99999"]]);
    await idle();
  });

  test.each(["ndjson", "csv", "parquet", "arrow"] as const)(
    "that was small is the same again, as %s",
    async (format) => {
      const sql = "SELECT i, 'x' || i AS x FROM numbers WHERE i < 3_000 ORDER BY i";
      const first = await answer(sql, format);
      expect(await answer(sql, format)).toEqual(first);
    },
  );

  test("takes parameters, EXPLAIN too", async () => {
    expect(await rows({ sql: "SELECT t FROM numbers WHERE i = $1", params: [7] })).toEqual([["text 7"]]);
    const [[, plan]] = (await rows({ sql: "EXPLAIN SELECT t FROM numbers WHERE i = ?", params: [7] })) as [
      [string, string],
    ];
    expect(plan).toContain("READ_PARQUET");
  });

  test("to EXPLAIN ANALYZE shows no path", async () => {
    const text = (await answer("EXPLAIN ANALYZE SELECT sum(i) FROM numbers")).toString();
    expect(text).toContain("READ_PARQUET");
    for (const part of harness.folder.split("/").filter((name) => name.length > 3)) expect(text).not.toContain(part);
  });

  test("as Parquet reads back as it was, with unique names and exact integers", async () => {
    const sql = "SELECT i, t, sum(i) OVER () AS total, {'a': [i]} AS s, i AS I FROM numbers ORDER BY i DESC";
    const path = `${harness.folder}/answer.parquet`;
    await writeFile(path, await answer(sql, "parquet"));
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    const reader = await connection.runAndReadAll(`SELECT *, typeof(total) FROM '${path}' LIMIT 1`);
    expect(reader.columnNames().slice(0, 5)).toEqual(["i", "t", "total", "s", "I_1"]);
    expect(reader.getRowsJson()[0]).toEqual([
      "99999",
      "text 99999",
      "4999950000",
      { a: ["99999"] },
      "99999",
      "DECIMAL(38,0)",
    ]);
    expect(await readdir(harness.exportFolder)).toEqual([]);
  });

  test("as Arrow reads back as it was, many batches and none", async () => {
    const table = tableFromIPC(await answer("SELECT i, t, INTERVAL 1 MONTH AS v FROM numbers ORDER BY i", "arrow"));
    expect(table.numRows).toBe(100_000);
    expect(String(table.schema.fields.map(({ name, type }) => `${name}:${type}`))).toBe("i:Int64,t:Utf8,v:Utf8");
    expect(table.get(99_999)?.toJSON()).toEqual({ i: 99_999n, t: "text 99999", v: "1 month" });
    const empty = tableFromIPC(await answer("SELECT i FROM numbers WHERE false", "arrow"));
    expect([empty.numRows, empty.schema.fields.map(({ name }) => name)]).toEqual([0, ["i"]]);
    expect(await readdir(harness.exportFolder)).toEqual([]);
  });

  test.each(["parquet", "arrow"] as const)("%s takes parameters", async (format) => {
    const bytes = await answer({ sql: "SELECT i FROM numbers WHERE i < $1", params: [3] }, format);
    expect(bytes.length).toBeGreaterThan(100);
  });
});

describe("freshness", () => {
  test("a dataset is seen by the next query, in its new form too, and its end as well", async () => {
    await harness.addDataset("late", "SELECT 1 AS a");
    expect(await rows("FROM late")).toEqual([[1]]);
    await harness.addDataset("late", "SELECT 'x' AS b, 2 AS c", "datasets/late/2.parquet");
    expect(await rows("FROM late")).toEqual([["x", 2]]);
    harness.catalog.delete("late");
    expect(await failure("FROM late")).toMatchObject({ code: "sql_error", details: { kind: "catalog" } });
  });

  test("costs one conditional request a query, and no view is made again", async () => {
    await rows("SELECT count(*) FROM numbers");
    const before = harness.catalog.requests;
    const oids = async () => JSON.stringify(await viewOids());
    const oid = await oids();
    for (let i = 0; i < 5; i++) await rows("SELECT count(*) FROM numbers");
    expect(harness.catalog.requests - before).toBe(5);
    expect(await oids()).toBe(oid);
  });

  test("concurrent queries share a check that has not been sent, and only such", async () => {
    await rows("SELECT 1");
    harness.catalog.requests = 0;
    const gate = Promise.withResolvers<void>();
    harness.catalog.before = () => gate.promise;
    const first = harness.watch.refresh();
    await harness.addDataset("late", "SELECT 5 AS a");
    const later = Array.from({ length: 3 }, () => harness.watch.refresh());
    gate.resolve();
    await first;
    expect(harness.views.find("late", everything)).toBeUndefined();
    await Promise.all(later);
    expect(harness.views.find("late", everything)).toBe("late");
    expect(harness.catalog.requests).toBe(2);
  });

  test("a query does not wait for the catalog to begin, but to answer; what it began too early is not seen", async () => {
    await rows("SELECT 1");
    const gate = Promise.withResolvers<void>();
    harness.catalog.before = () => gate.promise;
    await harness.addDataset("late", "SELECT 5 AS a");
    const answers = [
      rows("FROM late"),
      rows("SELECT 1"),
      failure("SELECT nope"),
      failure("SELECT * FROM numbers WHERE"),
    ];
    let answered = 0;
    for (const one of answers) void one.then(() => (answered += 1));
    await eventually("they have begun", () => harness.slots.running > 0);
    await eventually("they have all been run", () => harness.slots.running <= 2);
    expect(answered).toBe(0);
    gate.resolve();
    expect(await Promise.all(answers)).toMatchObject([[[5]], [[1]], { code: "sql_error" }, { code: "sql_error" }]);
    await idle();
  });

  test.each([
    ["of another type", "SELECT 'x' AS a, 2 AS b", ["x", 2]],
    ["with fewer columns", "SELECT 'x' AS a", ["x"]],
  ])(
    "a statement known from before, as its dataset is replaced by one %s, is not run as it was known",
    async (_name, select, row) => {
      await harness.addDataset("late", "SELECT 1 AS a, 2 AS b");
      await rows("FROM late");
      const gate = holdEngine();
      const { requests } = harness.catalog;
      const answer = rows("FROM late");
      await eventually("the catalog was asked", () => harness.catalog.requests > requests);
      await harness.watch.refresh();
      await harness.addDataset("late", select, "datasets/late/2.parquet");
      await harness.watch.refresh();
      gate.resolve();
      expect(await answer).toEqual([row]);
      await idle();
    },
  );

  /** Whatever queries ask of the engine from now on waits for the gate. */
  function holdEngine(): PromiseWithResolvers<void> {
    const gate = Promise.withResolvers<void>();
    const { engine } = harness;
    const connect = engine.freshConnection.bind(engine);
    engine.freshConnection = async () => {
      const connection = await connect();
      const run = connection.run.bind(connection);
      connection.run = (...statement) => gate.promise.then(() => run(...statement));
      return connection;
    };
    return gate;
  }

  test("without the catalog there is no answer", async () => {
    harness.catalog.before = () => Promise.reject(new Error("gone"));
    await expect(answer("SELECT 1")).rejects.toThrow("gone");
    await expect(answer(ENDLESS)).rejects.toThrow("gone");
    await idle();
    harness.catalog.before = undefined;
    expect(await rows("SELECT 1")).toEqual([[1]]);
    await idle();
  });

  async function viewOids() {
    const connection = await harness.engine.connect();
    return (
      await connection.runAndReadAll("SELECT view_name, view_oid FROM duckdb_views() WHERE NOT internal")
    ).getRowsJson();
  }
});

describe("a dataset that can't be read", () => {
  test("keeps its error to itself, says it without a path, and is tried again", async () => {
    const key = "datasets/broken/1.parquet";
    await harness.addDataset("broken", "SELECT 1 AS a", key);
    await rm(harness.objectPath(key));
    expect(await rows("SELECT count(*) FROM numbers")).toEqual([[100_000]]);
    expect(await failure("FROM broken")).toMatchObject({ code: "dataset_unavailable", details: { dataset: "broken" } });
    const broken = harness.views.list(everything).find(({ name }) => name === "broken");
    expect(broken).toMatchObject({ status: "failed", error: expect.stringContaining("object 1") });
    expect(JSON.stringify(broken)).not.toContain(harness.folder);

    await harness.addDataset("numbers2", "SELECT 1 AS a", key);
    await harness.views.retryFailed();
    expect(await rows("FROM broken")).toEqual([[1]]);
  });

  test("damaged or gone behind a view that was made: 503, without its path", async () => {
    const known = "SELECT max(i) FROM numbers";
    await rows(known);
    await rm(harness.objectPath("datasets/numbers/1.parquet"));
    for (const sql of [known, "SELECT sum(i) FROM numbers"]) {
      const error = await failure(sql);
      expect(error.code).toBe("dataset_unavailable");
      expect(JSON.stringify([error.message, error.details])).not.toContain(harness.folder);
    }
    await idle();
  });

  test("a name or a key that would be SQL or a pattern stays what it is", async () => {
    await harness.addDataset("a.b-c", "SELECT 1 AS a");
    expect(await rows('FROM "A.B-C"')).toEqual([[1]]);
    harness.catalog.register(manifestOf("globbed", [{ name: "a", type: "BIGINT" }], "datasets/numbers/*.parquet"));
    harness.catalog.register(manifestOf("climbing", [{ name: "a", type: "BIGINT" }], "../../etc/passwd"));
    harness.catalog.register(manifestOf("typed", [{ name: "a", type: "INT); DROP VIEW numbers; --" }]));
    await rows("SELECT 1");
    const failed = harness.views.list(everything).filter(({ status }) => status === "failed");
    expect(failed.map(({ name }) => name)).toEqual(["climbing", "globbed", "typed"]);
    expect(await rows("SELECT count(*) FROM numbers")).toEqual([[100_000]]);
  });

  test("one without objects has its columns and no rows", async () => {
    harness.catalog.register(manifestOf("empty", [{ name: 'a "b"', type: "DECIMAL(10,2)" }]));
    const { columns, rows: none } = JSON.parse((await answer("FROM empty")).toString());
    expect([columns, none]).toEqual([[{ name: 'a "b"', type: "DECIMAL(10,2)" }], []]);
  });
});

describe("limits", () => {
  test("a query is interrupted at its time limit, and leaves the engine idle", async () => {
    await reopen({ timeoutMs: 300 });
    expect(await failure(ENDLESS)).toMatchObject({ code: "query_timeout", details: { timeout_ms: 300 } });
    await idle();
    expect(await rows("SELECT 1")).toEqual([[1]]);
  });

  test("a request may ask for less time, and not for more", async () => {
    expect(await failure({ sql: ENDLESS, timeout_ms: 200 })).toMatchObject({ details: { timeout_ms: 200 } });
    await reopen({ timeoutMs: 200 });
    expect(await failure({ sql: ENDLESS, timeout_ms: 60_000 })).toMatchObject({ details: { timeout_ms: 200 } });
  });

  test.each(["parquet", "arrow", "csv"] as const)("%s is interrupted as well", async (format) => {
    expect(await failure({ sql: ENDLESS, timeout_ms: 200 }, format)).toMatchObject({ code: "query_timeout" });
    await idle();
    expect(await readdir(harness.exportFolder)).toEqual([]);
  });

  test("work that can't be interrupted is answered before its end, and gives its slot back at it", async () => {
    const sql = `SELECT ''${" || ''".repeat(300)}`;
    await rows("SELECT 1"); // the catalog is known now: the query is begun once
    expect(await failure({ sql, timeout_ms: 50 })).toMatchObject({ code: "query_timeout" });
    expect(harness.slots.running).toBe(1);
    await idle();
  });

  test("too much memory is 503, and the next query works", async () => {
    await reopen({ memoryLimitBytes: 64 * 2 ** 20 });
    const sql = "SELECT list(repeat('x', 1000) || range) FROM range(1_000_000)";
    expect(await failure(sql)).toMatchObject({ code: "query_out_of_memory" });
    expect(await rows("SELECT 1")).toEqual([[1]]);
  });

  test("objects that were read are not kept in memory beside the kernel's own copy", async () => {
    await harness.addDataset("read", "SELECT range AS i, repeat('x', 50) || range AS x FROM range(10_000)");
    await rows("SELECT count(DISTINCT x), sum(i) FROM read");
    const connection = await harness.engine.connect();
    const sql = "SELECT memory_usage_bytes FROM duckdb_memory() WHERE tag = 'EXTERNAL_FILE_CACHE'";
    expect((await connection.runAndReadAll(sql)).getRows()).toEqual([[0n]]);
    connection.closeSync();
  });

  test("beyond slots and queue a query is shed, and a place that is given back is taken", async () => {
    await reopen({ slots: 1 });
    const leaving = new AbortController();
    const left = () => run(ENDLESS, "json", leaving.signal).catch((error: LakehouseError) => error.code);
    const running = left();
    await eventually("it runs", () => harness.slots.running === 1);
    const waiting = Array.from({ length: QUEUE_PER_SLOT }, left);
    await eventually("they wait", () => harness.slots.waiting === QUEUE_PER_SLOT);
    expect(await failure("SELECT 1")).toMatchObject({ code: "query_busy", retryAfterSeconds: 1 });
    leaving.abort();
    expect(new Set(await Promise.all([running, ...waiting]))).toEqual(new Set(["client_closed_request"]));
    await idle();
    expect(await rows("SELECT 1")).toEqual([[1]]);
  });
});

describe("a query that ends early", () => {
  test("a client that goes away before the answer stops it", async () => {
    const leaving = new AbortController();
    const answered = run(ENDLESS, "json", leaving.signal);
    await eventually("it runs", () => harness.slots.running === 1);
    leaving.abort();
    await expect(answered).rejects.toMatchObject({ code: "client_closed_request" });
    await idle();
  });

  test.each(["json", "csv", "parquet", "arrow"] as const)(
    "a client that goes away amid a stream stops it: %s",
    async (format) => {
      const leaving = new AbortController();
      const body = (await run("SELECT i, t, repeat(t, 20) FROM numbers a", format, leaving.signal)) as Readable;
      const closed = new Promise((resolve) => body.once("close", resolve));
      body.on("error", () => {});
      body.once("data", () => leaving.abort());
      await closed;
      await idle();
      expect(await readdir(harness.exportFolder)).toEqual([]);
    },
  );

  test("a stream that nobody reads and everybody leaves stops too", async () => {
    const body = (await run("SELECT i, t FROM numbers")) as Readable;
    body.destroy();
    await idle();
  });

  // The engine fails in its first chunk; in a later one, when node-api has lost the message.
  test.each([
    ["json", 1_000],
    ["json", 9_000],
    ["arrow", 1_000],
    ["arrow", 9_000],
  ] as const)(
    "what fails before the first bytes is an error with DuckDB's message: %s, row %i",
    async (format, row) => {
      const sql = `SELECT CASE WHEN i = ${row} THEN CAST(t AS INT) ELSE 1 END AS x FROM numbers`;
      expect(await failure(sql, format)).toMatchObject({
        code: "sql_error",
        message: expect.stringContaining(`Could not convert string 'text ${row}'`),
        details: { kind: "conversion" },
      });
      await idle();
    },
  );

  test.each(["json", "ndjson", "csv", "arrow"] as const)(
    "what fails behind them breaks the stream: %s",
    async (format) => {
      const sql = "SELECT t, CASE WHEN i = 99_000 THEN CAST(t AS INT) ELSE 1 END AS x FROM numbers";
      const body = (await run(sql, format)) as Readable;
      expect(body).toBeInstanceOf(Readable);
      await expect(buffer(body)).rejects.toThrow();
      await idle();
    },
  );

  test("Parquet is complete before its first byte, so it fails with the error", async () => {
    const sql = "SELECT t, CASE WHEN i = 99_000 THEN CAST(t AS INT) ELSE 1 END AS x FROM numbers";
    expect(await failure(sql, "parquet")).toMatchObject({ code: "sql_error", details: { kind: "conversion" } });
    expect(await readdir(harness.exportFolder)).toEqual([]);
  });
});

describe("errors", () => {
  test.each([
    ["SELECT nope FROM numbers", "binder"],
    ["SELECT upper(1, 2, 3)", "binder"],
    ["SELECT CAST('x' AS INT)", "conversion"],
    ["SELECT 99999999999::INT", "conversion"],
    ["SELECT sqrt(-1)", "out_of_range"],
    ["SELECT error('said so')", "invalid_input"],
    ["SELECT (SELECT i FROM numbers)", "invalid_input"],
    ["SELECT", "parser"],
    ["SELECT * FROM nowhere", "catalog"],
  ])("%s: sql_error of kind %s", async (sql, kind) => {
    expect(await failure(sql)).toMatchObject({ code: "sql_error", details: { kind } });
    await idle();
  });

  test("the place of a mistake is shown in the client's own words", async () => {
    expect((await failure("SELECT nope FROM numbers")).message).toMatch(/LINE 1: SELECT nope FROM numbers\n +\^/);
    expect((await failure("SELECT CAST(t AS INT) FROM numbers")).message).not.toContain("encode(");
  });
});

test("law: whatever queries, clients and the catalog do, every place is given back, and the engine still answers", async () => {
  const query = fc.record({
    sql: fc.constantFrom(
      "SELECT count(*) FROM numbers",
      "SELECT * FROM numbers",
      "SELECT * FROM numbers ORDER BY t",
      "SELECT t, CASE WHEN i = 99_000 THEN CAST(t AS INT) ELSE 1 END AS x FROM numbers",
      "EXPLAIN ANALYZE SELECT sum(i) FROM numbers",
      "SELECT nope",
      "FROM nowhere",
      ENDLESS,
    ),
    format: fc.constantFrom<ResultFormat>("json", "ndjson", "csv", "parquet", "arrow"),
    timeoutMs: fc.constantFrom(20, 200),
    leavesAfterMs: fc.option(fc.integer({ min: 0, max: 100 })),
    pieces: fc.constantFrom(0, 1, 1_000),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(query, { minLength: 1, maxLength: 12 }), fc.boolean(), async (queries, isCatalogGone) => {
      harness.catalog.before = isCatalogGone ? () => Promise.reject(new Error("gone")) : undefined;
      await Promise.all(queries.map(live));
      harness.catalog.before = undefined;
      await idle();
      expect(await rows("SELECT count(*) FROM numbers")).toEqual([[100_000]]);
      expect(await readdir(harness.exportFolder)).toEqual([]);
    }),
    { numRuns: 15 },
  );

  type Life = typeof query extends fc.Arbitrary<infer T> ? T : never;

  async function live({ sql, format, timeoutMs, leavesAfterMs, pieces }: Life): Promise<void> {
    const leaving = new AbortController();
    if (leavesAfterMs !== null) setTimeout(() => leaving.abort(), leavesAfterMs);
    try {
      const body = await harness.runner.run({ sql, timeout_ms: timeoutMs }, format, contextOf(leaving.signal));
      if (body instanceof Readable)
        await read(
          body.on("error", () => {}),
          pieces,
        );
    } catch (error) {
      expect((error as LakehouseError).code ?? (error as Error).message).toMatch(
        /^(gone|sql_error|query_(timeout|busy)|client_closed_request)$/,
      );
    }
  }

  /** How a stream ends that its client or its clock has cut off is not this test's concern. */
  async function read(body: Readable, pieces: number): Promise<void> {
    let count = 0;
    try {
      for await (const _piece of body) if (++count >= pieces) break;
    } catch {
      body.destroy(); // it broke off, as said above
    }
  }
});
