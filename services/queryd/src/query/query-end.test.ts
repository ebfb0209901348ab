import { readdir } from "node:fs/promises";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { ResultFormat } from "@lakehouse/contracts";
import type { LakehouseError } from "@lakehouse/core";
import { eventually, testContext } from "@lakehouse/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ENDLESS, failure, harness, idle, openForEachTest, rows, run } from "../../test/numbers-harness.ts";

openForEachTest();

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
      const body = await harness.runner.run({ sql, timeout_ms: timeoutMs }, format, testContext(leaving.signal));
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
