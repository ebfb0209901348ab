import { execFile } from "node:child_process";
import { mkdir, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { eventually, type ServiceProcess } from "@lakehouse/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lakehouse, startLakehouse } from "./lakehouse.ts";

const run = promisify(execFile);
const MiB = 2 ** 20;
const DISK_BYTES = 2 * MiB;
let lakehouse: Lakehouse;
/** Bytes of the two large objects. */
const sizes: number[] = [];

/** Texts of which no two are alike, so that Parquet can't make them much smaller. */
const largeCsv = (seed: number) => {
  const texts = Array.from({ length: 40_000 }, (_, row) => `${row},${(row * 48_271 * seed) % 2_147_483_647}-${row}`);
  return `id,text\n${texts.join("\n")}\n`;
};

beforeAll(async () => {
  lakehouse = await startLakehouse();
  await lakehouse.ingest("small", "a\n1\n");
  for (const [index, name] of ["large", "second"].entries())
    sizes.push((await lakehouse.ingest(name, largeCsv(index + 3))).object.size);
});

afterAll(() => lakehouse[Symbol.asyncDispose]());

const startCaching = (cacheDir: string, config = {}) =>
  lakehouse.startQueryd({ object_access: "cache", cache_dir: cacheDir, ...config });

async function answer(sql: string, queryd: ServiceProcess) {
  const response = await lakehouse.ask({ sql }, { queryd });
  const body = (await response.json()) as { rows?: unknown; code?: string };
  return { status: response.status, retryAfter: response.headers.get("retry-after"), ...body };
}

const filesIn = async (folder: string) => (await readdir(folder)).filter((name) => name.endsWith(".parquet"));
/** By storaged's own log. */
const fetches = () => lakehouse.storaged.log().split('"route":"/storage/get/*"').length - 1;

test("queries at once fetch an object once; a byte that flips on disk is noticed, and never read", async () => {
  const folder = join(lakehouse.folder, "cache-shared");
  await using queryd = await startCaching(folder, { max_concurrent: 8 });
  const before = fetches();
  const sums = await Promise.all(
    Array.from({ length: 8 }, () => answer("SELECT count(*), sum(id) FROM large", queryd)),
  );
  for (const { rows } of sums) expect(rows).toEqual([[40_000, 799_980_000]]);
  await eventually("storaged has logged the fetch", () => fetches() - before === 1);

  const [name] = await filesIn(folder);
  const path = join(folder, name!);
  const bytes = await readFile(path);
  bytes[Math.floor(bytes.length / 2)]! ^= 1;
  await writeFile(path, bytes);
  expect((await answer("SELECT count(DISTINCT text) FROM large", queryd)).rows).toEqual([[40_000]]);
  await eventually("storaged has logged the second", () => fetches() - before === 2);
});

test("what a running query reads is not evicted: the next one is told to wait, and the first ends whole", async () => {
  const config = { cache_max_bytes: sizes[0]! + sizes[1]! - 1 };
  await using queryd = await startCaching(join(lakehouse.folder, "cache-tight"), config);
  const sql = "SELECT a.id, a.text FROM large a, range(20)";
  const slow = await lakehouse.ask({ sql }, { queryd, query: "?format=csv" });
  const refused = await answer("SELECT count(*) FROM second", queryd);
  expect([refused.status, refused.code, refused.retryAfter]).toEqual([503, "cache_full", "5"]);
  expect((await slow.text()).trimEnd().split("\n")).toHaveLength(20 * 40_000 + 1);
  await eventually("there is room now", async () => {
    const { rows } = await answer("SELECT count(*) FROM second", queryd);
    return JSON.stringify(rows) === "[[40000]]";
  });
});

test("a disk that is full is a 503, leaves no half file, and is used again once there is room", async (context) => {
  const disk = join(lakehouse.folder, "small-disk");
  if (!(await mountSmallDisk(disk))) {
    console.warn("!!! NOT TESTED: the object cache on a full disk. A tmpfs can't be mounted here; root may");
    return context.skip("mount is refused");
  }
  try {
    await using queryd = await startCaching(disk);
    await fillUp(join(disk, "ballast"));
    const refused = await answer("SELECT count(*) FROM large", queryd);
    expect([refused.status, refused.code, refused.retryAfter]).toEqual([503, "cache_full", "5"]);
    expect(await readdir(disk)).toEqual(["ballast"]);
    await rm(join(disk, "ballast"));
    expect((await answer("SELECT count(*) FROM large", queryd)).rows).toEqual([[40_000]]);
    expect((await answer("FROM small", queryd)).rows).toEqual([[1]]);
    expect((await fetch(`${queryd.url}/ready`)).status).toBe(200);
  } finally {
    await run("umount", ["--lazy", disk]);
  }
});

async function mountSmallDisk(path: string): Promise<boolean> {
  await mkdir(path);
  return run("mount", ["-t", "tmpfs", "-o", `size=${DISK_BYTES}`, "tmpfs", path]).then(
    () => true,
    () => false, // not root, or a container that may not
  );
}

/** To the last block but a few, so that files can be made, and not filled. */
async function fillUp(path: string): Promise<void> {
  await using file = await open(path, "w");
  await file.write(Buffer.alloc(DISK_BYTES - 64 * 1024));
}
