import { readFile, utimes } from "node:fs/promises";
import { type TemporaryFolder, temporaryFolder, testContext } from "@lakehouse/testing";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { countObjects, MemoryStorage, object } from "../../test/memory-storage.ts";
import { CachedObjectAccess } from "./object-access-cache.ts";

let folder: TemporaryFolder;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(() => folder.remove());

const open = (storage: MemoryStorage, bytesMax: number) =>
  CachedObjectAccess.open({ folder: folder.path, bytesMax, storage });

const files = () => countObjects(folder.path);

describe("the bound", () => {
  test("holds: the longest unused goes first", async () => {
    const storage = new MemoryStorage();
    const access = await open(storage, 250);
    const use = async (name: string) => (await access.hold([object(name, 100)], testContext())).release();
    for (const name of ["a", "b", "a", "c", "a", "b"]) await use(name);
    expect(storage.fetched).toEqual(["a-100", "b-100", "c-100", "b-100"]);
    expect([access.cache.bytes, await files()]).toEqual([200, 2]);
  });

  test("is kept over a restart, in the order in which files were used", async () => {
    const storage = new MemoryStorage();
    const before = await open(storage, 300);
    for (const name of ["a", "b", "c"]) (await before.hold([object(name, 100)], testContext())).release();
    const [old, older] = [new Date(2_000), new Date(1_000)];
    await utimes(before.location(object("c", 100)), older, older);
    await utimes(before.location(object("b", 100)), old, old);
    const after = await open(storage, 200);
    expect(after.cache.bytes).toBe(200);
    storage.fetched.length = 0;
    for (const name of ["a", "b"]) (await after.hold([object(name, 100)], testContext())).release();
    expect(storage.fetched).toEqual([]);
  });

  test("never takes what a query reads: the next one is told that there is no room", async () => {
    const storage = new MemoryStorage();
    const access = await open(storage, 250);
    const lease = await access.hold([object("a", 100), object("b", 100)], testContext());
    await expect(access.hold([object("c", 100)], testContext())).rejects.toMatchObject({ code: "cache_full" });
    expect(await files()).toBe(2);
    lease.release();
    (await access.hold([object("c", 100)], testContext())).release();
    expect(access.cache.bytes).toBe(200);
  });

  test("one object larger than all of it does not empty it", async () => {
    const access = await open(new MemoryStorage(), 250);
    (await access.hold([object("a", 100)], testContext())).release();
    await expect(access.hold([object("z", 300)], testContext())).rejects.toMatchObject({ code: "cache_full" });
    expect(access.cache.bytes).toBe(100);
  });

  test("a hold that fails half way gives all of it back", async () => {
    const access = await open(new MemoryStorage(), 250);
    const objects = ["a", "b", "c"].map((name) => object(name, 100));
    await expect(access.hold(objects, testContext())).rejects.toMatchObject({ code: "cache_full" });
    (await access.hold([object("d", 240)], testContext())).release();
    expect(access.cache.bytes).toBe(240);
  });
});

test("law: under any mix of queries the bound holds on disk, and what is held can be read", async () => {
  const steps = fc.array(
    fc.record({
      names: fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { maxLength: 3 }),
      keep: fc.integer({ min: 0, max: 4 }),
    }),
    { minLength: 1, maxLength: 30 },
  );
  await fc.assert(
    fc.asyncProperty(steps, async (queries) => {
      const bytesMax = 1_000;
      const access = await open(new MemoryStorage(), bytesMax);
      const size = (name: number) => 100 + 37 * name;
      const running = queries.map(async ({ names, keep }) => {
        const objects = names.map((name) => object(`o${name}`, size(name)));
        try {
          const lease = await access.hold(objects, testContext());
          for (let turn = 0; turn < keep; turn++) await new Promise(setImmediate);
          for (const one of objects) expect((await readFile(access.location(one))).length).toBe(one.size);
          lease.release();
        } catch (error) {
          expect(error).toMatchObject({ code: "cache_full" });
        }
        expect(access.cache.bytes).toBeLessThanOrEqual(bytesMax);
      });
      await Promise.all(running);
      (await access.hold([], testContext())).release();
      expect(access.cache.bytes).toBeLessThanOrEqual(bytesMax);
    }),
    { numRuns: 50 },
  );
});
