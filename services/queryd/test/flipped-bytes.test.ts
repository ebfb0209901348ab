import { readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServiceProcess } from "@lakehouse/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Lakehouse, startLakehouse } from "./lakehouse.ts";

const FLIPS = 60;
const ALL = "SELECT count(*), sum(hash(t)::HUGEINT) FROM hurt AS t";
const rows = Array.from({ length: 3_000 }, (_, i) => `${i},name ${i % 37},${i * 1.5}`);

let lakehouse: Lakehouse;
let path: string;
let whole: Buffer;

beforeAll(async () => {
  lakehouse = await startLakehouse();
  await lakehouse.ingest("kept", "a\n1\n2\n");
  const { object } = await lakehouse.ingest("hurt", `id,name,rate\n${rows.join("\n")}\n`);
  path = join(lakehouse.folder, "objects/primary", object.key);
  whole = await readFile(path);
});
afterAll(() => lakehouse[Symbol.asyncDispose]());

async function ask(sql: string, queryd: ServiceProcess = lakehouse.queryd): Promise<unknown> {
  const { rows, code } = (await (await lakehouse.ask({ sql }, { queryd })).json()) as { rows?: unknown; code?: string };
  return rows ?? code;
}

/** In another second each time, by which DuckDB tells that its footer has to be read anew. */
async function overwrite(bytes: Buffer, second: number): Promise<void> {
  await writeFile(path, bytes);
  await utimes(path, 1_700_000_000 + second, 1_700_000_000 + second);
}

/** One bit, somewhere in front of the footer. */
function flipped(part: number): Buffer {
  const copy = Buffer.from(whole);
  const footerAt = copy.length - 8 - copy.readUInt32LE(copy.length - 8);
  copy[4 + Math.floor((footerAt - 5) * part)]! ^= 1 << (Math.floor(part * 1_000) % 8);
  return copy;
}

test("a bit that flips anywhere in the pages of an object never becomes other values", async () => {
  const good = await ask(ALL);
  for (let flip = 0; flip < FLIPS; flip++) {
    await overwrite(flipped(flip / FLIPS), flip);
    expect(await ask(ALL), `flip ${flip}`).toBe("dataset_unavailable");
    expect(await ask("SELECT sum(a) FROM kept")).toEqual([[3]]);
  }
  await overwrite(whole, FLIPS);
  expect(await ask(ALL)).toEqual(good);
});

test("nor where queryd keeps objects of its own: what it fetched is read as what it is", async () => {
  await overwrite(flipped(0.5), FLIPS + 1);
  await using queryd = await lakehouse.startQueryd({ object_access: "cache" });
  expect(await ask(ALL, queryd)).toBe("dataset_unavailable");
  await overwrite(whole.subarray(0, -1), FLIPS + 2);
  await using another = await lakehouse.startQueryd({ object_access: "cache" });
  expect(await ask(ALL, another)).toBe("dataset_unavailable");
  for (const one of [queryd, another]) expect(await ask("SELECT sum(a) FROM kept", one)).toEqual([[3]]);
});
