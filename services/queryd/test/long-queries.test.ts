import { availableParallelism } from "node:os";
import { eventually, openRawConnection } from "@lakehouse/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { QUEUE_PER_SLOT } from "../src/session/limits.ts";
import { type Lakehouse, startLakehouse } from "./lakehouse.ts";

/** Runs for minutes unless it is stopped. */
const ENDLESS = "SELECT count(*) FROM range(10_000_000) a, range(10_000_000) b WHERE a.range + b.range = 3";
/** Some 60 MB of JSON. */
const LARGE = "SELECT range AS i, repeat('x', 100) AS x FROM range(500_000)";

let lakehouse: Lakehouse;

beforeAll(async () => {
  lakehouse = await startLakehouse();
});

afterAll(() => lakehouse[Symbol.asyncDispose]());

async function running(): Promise<number> {
  const metrics = await (await fetch(`${lakehouse.queryd.url}/metrics`)).text();
  return Number(/^queryd_queries_running\{.*?\} (\d+)/m.exec(metrics)![1]);
}

const idle = () => eventually("no query runs", async () => (await running()) === 0);

describe("a client that goes away stops its query", () => {
  test("before the answer", async () => {
    const leaving = new AbortController();
    const answered = lakehouse.ask({ sql: ENDLESS }, { signal: leaving.signal });
    await eventually("it runs", async () => (await running()) === 1);
    leaving.abort();
    await expect(answered).rejects.toThrow();
    await idle();
  });

  test("amid the answer", async () => {
    const body = JSON.stringify({ sql: `${LARGE} UNION ALL SELECT range, 'y' FROM range(1_000_000_000_000)` });
    await using connection = await openRawConnection(lakehouse.queryd.url);
    connection.send(
      `POST /sql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await connection.receives(/"rows":\[/);
    expect(await running()).toBe(1);
    connection.cut();
    await idle();
  });
});

describe("a failure behind the first byte", () => {
  test.each(["json", "ndjson", "csv"])(
    "breaks the connection, so that %s can't be taken for complete",
    async (format) => {
      const sql = `SELECT i, CASE WHEN i = 499_999 THEN CAST(x AS INT) ELSE 1 END FROM (${LARGE})`;
      const response = await lakehouse.ask({ sql }, { query: `?format=${format}` });
      expect(response.status).toBe(200);
      await expect(response.text()).rejects.toThrow();
      await eventually("the log has the cause", () => /broke off.*|Could not convert/.test(lakehouse.queryd.log()));
      await idle();
    },
  );

  test("a time limit that passes amid the answer breaks it too", async () => {
    const sql = LARGE.replace("500_000", "1_000_000_000_000");
    const response = await lakehouse.ask({ sql, timeout_ms: 1_000 });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    await idle();
  });
});

test("the time limit is 504, and the query has ended", async () => {
  const response = await lakehouse.ask({ sql: ENDLESS, timeout_ms: 200 });
  expect([response.status, await response.json()]).toMatchObject([504, { code: "query_timeout" }]);
  await idle();
});

test("a result of any size is whole", async () => {
  const response = await lakehouse.ask({ sql: LARGE });
  const { rows, row_count } = (await response.json()) as { rows: unknown[][]; row_count: number };
  expect([rows.length, row_count, rows.at(-1)]).toEqual([500_000, 500_000, [499_999, "x".repeat(100)]]);
});

test("with every place taken by a long query, /health answers, one more waits, and the next is 503 with Retry-After", async () => {
  const places = 2 * availableParallelism();
  const leaving = new AbortController();
  const { signal } = leaving;
  const long = Array.from({ length: places }, () => lakehouse.ask({ sql: ENDLESS }, { signal }).catch(() => "left"));
  await eventually("all places are taken", async () => (await running()) === places);

  expect((await fetch(`${lakehouse.queryd.url}/health`)).status).toBe(200);

  const queue = places * QUEUE_PER_SLOT;
  const queued = Array.from({ length: queue }, () => lakehouse.ask({ sql: ENDLESS }, { signal }).catch(() => "left"));
  await eventually("the queue is full", async () => {
    const metrics = await (await fetch(`${lakehouse.queryd.url}/metrics`)).text();
    return new RegExp(`^queryd_queries_waiting\\{.*?\\} ${queue}$`, "m").test(metrics);
  });
  const shed = await lakehouse.ask({ sql: "SELECT 1" });
  expect([shed.status, shed.headers.get("retry-after"), await shed.json()]).toMatchObject([
    503,
    "1",
    { code: "query_busy" },
  ]);

  leaving.abort();
  expect(await Promise.all([...long, ...queued])).toEqual(Array(places + queue).fill("left"));
  await idle();
});

test("a short query is answered beside long ones that leave it one place", async () => {
  const leaving = new AbortController();
  const { signal } = leaving;
  const places = 2 * availableParallelism() - 1;
  const long = Array.from({ length: places }, () => lakehouse.ask({ sql: ENDLESS }, { signal }).catch(() => "left"));
  await eventually("they run", async () => (await running()) === places);
  const response = await lakehouse.ask({ sql: "SELECT 42 AS a", timeout_ms: 10_000 });
  expect(await response.json()).toMatchObject({ rows: [[42]] });
  leaving.abort();
  await Promise.all(long);
  await idle();
});
