import { readdir, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { eventually, type ServiceProcess } from "@lakehouse/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lakehouse, startLakehouse } from "./lakehouse.ts";

let lakehouse: Lakehouse;

beforeAll(async () => {
  lakehouse = await startLakehouse();
});

afterAll(() => lakehouse[Symbol.asyncDispose]());

async function rows(sql: string, queryd: ServiceProcess): Promise<unknown> {
  const response = await lakehouse.ask({ sql }, { queryd });
  const answer = (await response.json()) as { rows?: unknown };
  return answer.rows ?? answer;
}

async function check(queryd: ServiceProcess): Promise<unknown> {
  const ready = (await (await fetch(`${queryd.url}/ready`)).json()) as { checks: Record<string, unknown> };
  return ready.checks["objects"];
}

test("an fs store is read in place, and /ready says so", async () => {
  await lakehouse.ingest("direct", "a\n1\n");
  expect(await rows("FROM direct", lakehouse.queryd)).toEqual([[1]]);
  expect(await check(lakehouse.queryd)).toEqual({ status: "ok", details: { object_access: "direct" } });
});

describe("cache", () => {
  const cacheDir = () => join(lakehouse.folder, "shared-cache");
  const cached = async () => (await readdir(cacheDir())).filter((name) => name.endsWith(".parquet"));
  const startCaching = () => lakehouse.startQueryd({ object_access: "cache", cache_dir: cacheDir() });

  test("fetches an object when a query first needs it, and never again", async () => {
    await lakehouse.ingest("cached", "a,b\n1,x\n2,y\n");
    const queryd = await startCaching();
    expect(await check(queryd)).toEqual({ status: "ok", details: { object_access: "cache" } });
    expect(await rows("SELECT name FROM (SHOW TABLES)", queryd)).toContainEqual(["cached"]);
    expect(await cached()).toHaveLength(0);

    const fetchesBefore = fetches();
    expect(await rows("FROM cached ORDER BY a", queryd)).toEqual([
      [1, "x"],
      [2, "y"],
    ]);
    const files = await cached();
    expect(files).toHaveLength(1);
    expect(await rows("SELECT sum(a) FROM cached", queryd)).toEqual([[3]]);
    await queryd.stop();

    const again = await startCaching();
    expect(await rows("SELECT sum(a) FROM cached", again)).toEqual([[3]]);
    expect(await cached()).toEqual(files);
    await eventually("storaged has logged the one fetch", () => fetches() - fetchesBefore === 1);

    await truncate(join(cacheDir(), files[0]!), 20);
    expect(await rows("SELECT sum(a), min(b) FROM cached", again)).toEqual([[3, "x"]]);
    await eventually("storaged has logged the second", () => fetches() - fetchesBefore === 2);

    await lakehouse.ingest("cached", "a,b\n5,z\n");
    expect(await rows("FROM cached", again)).toEqual([[5, "z"]]);
    await again.stop();
  });

  test("an object that is gone fails its dataset alone, until it is back", async () => {
    await lakehouse.ingest("kept", "a\n1\n");
    const { object } = await lakehouse.ingest("lost", "a\n2\n");
    await rm(join(lakehouse.folder, "objects/primary", object.key));
    const queryd = await startCaching();
    expect(await rows("FROM lost", queryd)).toMatchObject({ code: "dataset_unavailable" });
    expect(await rows("FROM kept", queryd)).toEqual([[1]]);
    await lakehouse.ingest("lost", "a\n2\n");
    expect(await rows("FROM lost", queryd)).toEqual([[2]]);
    await queryd.stop();
  });

  test("a cache that is too small says so", async () => {
    await lakehouse.ingest("large", `a\n${Array.from({ length: 2_000 }, (_, i) => `text ${i * 7919}`).join("\n")}\n`);
    const config = { object_access: "cache", cache_dir: join(lakehouse.folder, "tiny"), cache_max_bytes: "1 KiB" };
    const queryd = await lakehouse.startQueryd(config);
    expect(await rows("FROM large", queryd)).toMatchObject({ code: "cache_full" });
    await queryd.stop();
  });

  /** By storaged's own log. */
  const fetches = () => lakehouse.storaged.log().split('"route":"/storage/get/*"').length - 1;
});

describe("a process that is killed", () => {
  test("leaves exports and spills that the next one sweeps", async () => {
    const temp = join(lakehouse.folder, "swept");
    const queryd = await lakehouse.startQueryd({ temp_dir: temp });
    const sql = "SELECT range AS i, repeat('x', 1000) AS x FROM range(10_000_000)";
    const asked = lakehouse.ask({ sql }, { queryd, query: "?format=parquet" }).catch(() => "cut off");
    await eventually("an export is being written", async () => (await readdir(join(temp, "exports"))).length > 0);
    await queryd.stop("SIGKILL");
    expect(await asked).toBe("cut off");
    const again = await lakehouse.startQueryd({ temp_dir: temp });
    expect(await readdir(join(temp, "exports"))).toEqual([]);
    await again.stop();
  });
});

test.each([
  ["httpfs", "queryd.object_access"],
  ["nonsense", "queryd.object_access"],
])("object_access %s does not fit an fs store, or anything: exit 1 naming the key", async (mode, key) => {
  await expect(lakehouse.startQueryd({ object_access: mode })).rejects.toThrow(key);
});
