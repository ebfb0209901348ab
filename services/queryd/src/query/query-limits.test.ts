import { readdir } from "node:fs/promises";
import type { LakehouseError } from "@lakehouse/core";
import { eventually } from "@lakehouse/testing";
import { describe, expect, test } from "vitest";
import { ENDLESS, failure, harness, idle, openForEachTest, reopen, rows, run } from "../../test/numbers-harness.ts";
import { QUEUE_PER_SLOT } from "../session/limits.ts";

openForEachTest();

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
