import { readFile, utimes, writeFile } from "node:fs/promises";
import type { LakehouseError } from "@lakehouse/core";
import { testContext, testSeed } from "@lakehouse/testing";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Harness, openHarness, writeParquet } from "./query-harness.ts";

const KEY = "datasets/hurt/1.parquet";
const WHOLE = "SELECT i::BIGINT AS id, 'name ' || (i % 37) AS name, i * 1.5::DOUBLE AS rate FROM range(3000) t(i)";
/** Mutants of one run; `FUZZ_OBJECTS=100000` looks at more. */
const MUTANTS = Number(process.env["FUZZ_OBJECTS"] ?? 400);

let harness: Harness;
let path: string;
let whole: Buffer;
let seconds = 1_700_000_000;

beforeAll(async () => {
  harness = await openHarness();
  path = harness.objectPath(KEY);
  await harness.addDataset("whole", "SELECT i FROM range(100) t(i)");
  await harness.addDataset("hurt", WHOLE, KEY);
  whole = await readFile(path);
});
afterEach(async () => {
  await harness.addDataset("hurt", WHOLE, KEY);
  await overwrite(whole);
});
afterAll(() => harness[Symbol.asyncDispose]());

/** Each time in another second: DuckDB takes a file of the same second for the one whose footer it knows. */
async function overwrite(bytes: Buffer): Promise<void> {
  seconds += 1;
  await writeFile(path, bytes);
  await utimes(path, seconds, seconds);
}

async function ask(sql: string): Promise<{ rows?: unknown[][]; code?: string; reason?: unknown }> {
  try {
    const result = await harness.runner.run({ sql }, "json", testContext());
    const pieces = Buffer.isBuffer(result) ? [result] : await result.toArray();
    return JSON.parse(Buffer.concat(pieces).toString());
  } catch (error) {
    const { code, details } = error as LakehouseError;
    return { code: code ?? String(error), reason: (details as { reason?: unknown } | undefined)?.reason };
  }
}

const SUMS = "SELECT count(*), sum(id), min(name), max(name), sum(rate) FROM hurt";
const all = () => ask("SELECT sum(hash(t)) FROM hurt AS t");
const neighbour = () => ask("SELECT count(*), sum(i) FROM whole");

describe("an object that contradicts its manifest", () => {
  const other = async (select: string) => {
    await writeParquet(select, path);
    return readFile(path);
  };

  test.each([
    ["is cut", () => whole.subarray(0, -100), /bytes|magic|footer/i],
    ["is empty", () => Buffer.alloc(0), /object 1|too small/i],
    ["is not Parquet", () => Buffer.alloc(whole.length, "x"), /object 1/],
    ["has a footer of 2^31 bytes", () => withFooterLength(whole, 2 ** 31 - 1), /object 1|footer/i],
    ["has a footer of 0 bytes", () => withFooterLength(whole, 0), /object 1|footer|./i],
    ["has bytes behind its end", () => Buffer.concat([whole, whole]), /bytes; the manifest says/],
  ])(
    "%s: its dataset is unavailable, all else is served, and it is back when the bytes are",
    async (_what, damage, reason) => {
      const { rows } = await all();
      await overwrite(damage());
      expect(await ask(SUMS)).toMatchObject({ code: "dataset_unavailable", reason: expect.stringMatching(reason) });
      expect(await neighbour()).toMatchObject({ rows: [[100, 4950]] });
      await overwrite(whole);
      expect((await all()).rows).toEqual(rows);
    },
  );

  test.each([
    ["a column fewer", "SELECT i::BIGINT AS id, 'x' AS name FROM range(3000) t(i)"],
    ["a column more", `SELECT *, 1 AS more FROM (${WHOLE})`],
    ["a column of another name", "SELECT i::BIGINT AS id, 'x' AS nom, 1::DOUBLE AS rate FROM range(3000) t(i)"],
    ["a column of another type", "SELECT i::VARCHAR AS id, 'x' AS name, 1::DOUBLE AS rate FROM range(3000) t(i)"],
    ["columns in another order", "SELECT 'x' AS name, i::BIGINT AS id, 1::DOUBLE AS rate FROM range(3000) t(i)"],
  ])("has %s, also where its size is right", async (_what, select) => {
    const bytes = await other(select);
    harness.catalog.register({
      ...(await harness.addDataset("hurt", WHOLE, KEY)),
      objects: [{ key: KEY, size: bytes.length, row_count: 3000 }],
    });
    await overwrite(bytes);
    const answer = await ask("SELECT * FROM hurt LIMIT 1");
    expect(answer).toMatchObject({
      code: "dataset_unavailable",
      reason: expect.stringMatching(/^object 1 has .* manifest says/),
    });
  });

  test("has other rows than were registered", async () => {
    const manifest = await harness.addDataset("hurt", WHOLE, KEY);
    harness.catalog.register({ ...manifest, objects: [{ ...manifest.objects[0]!, row_count: 2999 }] });
    expect(await ask(SUMS)).toMatchObject({
      code: "dataset_unavailable",
      reason: "object 1 has 3000 rows; the manifest says 2999.",
    });
    harness.catalog.register(manifest);
    expect((await ask("SELECT count(*) FROM hurt")).rows).toEqual([[3000]]);
  });

  test("is one of many, and of another type: nothing is turned into what the first one has", async () => {
    const first = await harness.addDataset("many", "SELECT 7::BIGINT AS zip", "datasets/many/1.parquet");
    const second = await harness.addDataset("texts", "SELECT '00501' AS zip", "datasets/many/2.parquet");
    harness.catalog.register({ ...first, objects: [...first.objects, ...second.objects], row_count: 2 });
    expect(await ask("FROM many")).toMatchObject({
      code: "dataset_unavailable",
      reason: 'object 2 has the column "zip" VARCHAR where the manifest says "zip" BIGINT.',
    });
  });
});

describe("a page that can't be decoded", () => {
  test("is told from a fault of the statement", async () => {
    const broken = Buffer.from(whole);
    broken.fill(0xff, 4, 40); // the header of the first page; the footer is as it was
    await overwrite(broken);
    expect(await ask(SUMS)).toMatchObject({ code: "dataset_unavailable" });
    expect(await ask("SELECT count(*) FROM hurt WHERE nonsense")).toMatchObject({ code: "sql_error" });
    expect(await neighbour()).toMatchObject({ rows: [[100, 4950]] });
  });
});

test(`${MUTANTS} mutants: each is served or unavailable, its neighbour always served`, async () => {
  const outcomes: Record<string, number> = {};
  for (const [count, mutation] of fc.sample(mutations, { numRuns: MUTANTS, seed: testSeed }).entries()) {
    await overwrite(mutant(whole, mutation));
    const { code = "served" } = await all();
    outcomes[code] = (outcomes[code] ?? 0) + 1;
    if (count % 20 === 0) expect(await neighbour()).toMatchObject({ rows: [[100, 4950]] });
  }
  await overwrite(whole);
  expect(await ask("SELECT count(*), sum(id) FROM hurt")).toMatchObject({ rows: [[3000, 4_498_500]] });
  expect(Object.keys(outcomes).sort((a, b) => (a < b ? -1 : 1))).toEqual(["dataset_unavailable", "served"]);
});

function withFooterLength(whole: Buffer, length: number): Buffer {
  const copy = Buffer.from(whole);
  copy.writeUInt32LE(length, copy.length - 8);
  return copy;
}

/** Half of them are hurt in the footer, where a byte means most. */
const mutations = fc.record({
  isInFooter: fc.boolean(),
  changes: fc.array(
    fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), to: fc.oneof(fc.constantFrom(0, 0xff), fc.nat(0xff)) }),
    { minLength: 1, maxLength: 6 },
  ),
});
type Mutation = typeof mutations extends fc.Arbitrary<infer T> ? T : never;

function mutant(bytes: Buffer, { isInFooter, changes }: Mutation): Buffer {
  const copy = Buffer.from(bytes);
  const footerAt = copy.length - 8 - copy.readUInt32LE(copy.length - 8);
  const [from, length] = isInFooter ? [footerAt, copy.length - footerAt] : [0, footerAt];
  for (const { at, to } of changes) copy[from + Math.floor(at * (length - 1))] = to;
  return copy;
}
