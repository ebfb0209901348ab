import fs from "node:fs";
import { mkdir, readFile, rm, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { LakehouseError } from "@lakehouse/core";
import { type TemporaryFolder, temporaryFolder, testContext } from "@lakehouse/testing";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { countObjects, MemoryStorage, object } from "../../test/memory-storage.ts";
import { CacheFolder } from "./cache-folder.ts";
import { CachedObjectAccess } from "./object-access-cache.ts";

let folder: TemporaryFolder;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(() => folder.remove());

const open = (storage: MemoryStorage, bytesMax: number) =>
  CachedObjectAccess.open({ folder: folder.path, bytesMax, storage });

const files = () => countObjects(folder.path);

test("a folder or a link that stands where a file of the cache would is removed at the start, and the object fetched", async () => {
  const storage = new MemoryStorage();
  const refs = [object("folder", 10), object("link", 10)];
  const [first, second] = refs.map((ref) => new CacheFolder(folder.path).nameOf(ref));
  await mkdir(join(folder.path, first!));
  await symlink("/nowhere", join(folder.path, second!));
  const access = await open(storage, 1_000);
  (await access.hold(refs, testContext())).release();
  expect(storage.fetched).toHaveLength(2);
});

/** Breaks off before a byte is read. */
const brokenGet = async () => {
  const body = new Readable({ read: () => {} });
  body.push("half");
  body.destroy(Object.assign(new Error("other side closed"), { code: "UND_ERR_SOCKET" }));
  return { size: 100, etag: '"e"', body };
};

/** The next stream into a file is not opened before it is told to be, or someone waits for it to close. */
function holdOpening() {
  const allowed = Promise.withResolvers<void>();
  const opened = Promise.withResolvers<void>();
  const { open } = fs;
  vi.spyOn(fs, "open").mockImplementation((...call: unknown[]) => {
    const done = call.pop() as (...result: unknown[]) => void;
    const report = (...result: unknown[]) => {
      done(...result);
      opened.resolve();
    };
    void allowed.promise.then(() => Reflect.apply(open, fs, [...call, report]));
  });
  const { once } = fs.WriteStream.prototype;
  vi.spyOn(fs.WriteStream.prototype, "once").mockImplementation(function (this: fs.WriteStream, event, listener) {
    if (event === "close") allowed.resolve();
    return once.call(this, event, listener);
  });
  onTestFinished(() => void vi.restoreAllMocks());
  return { letOpen: () => allowed.resolve(), opened: opened.promise };
}

async function flipByte(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[20]! ^= 1;
  await writeFile(path, bytes);
}

/** So long ago that its next use is noted. */
const touchFile = (path: string) => utimes(path, 1_000, 1_000);

describe("an object", () => {
  test("is fetched once, and stays", async () => {
    const storage = new MemoryStorage();
    const access = await open(storage, 1_000);
    const a = object("a", 100);
    for (let i = 0; i < 3; i++) (await access.hold([a], testContext())).release();
    expect(storage.fetched).toEqual([a.key]);
    expect(await readFile(access.location(a))).toEqual(storage.body(a.key));
  });

  test("is fetched once for queries that want it at the same time", async () => {
    const storage = new MemoryStorage();
    const access = await open(storage, 1_000);
    const gate = Promise.withResolvers<void>();
    storage.before = () => gate.promise;
    const held = Array.from({ length: 5 }, () => access.hold([object("a", 100)], testContext()));
    gate.resolve();
    for (const lease of await Promise.all(held)) lease.release();
    expect(storage.fetched).toHaveLength(1);
  });

  test("that was fetched before a restart is there after it; what was cut off is not", async () => {
    const storage = new MemoryStorage();
    const a = object("a", 100);
    const before = await open(storage, 1_000);
    (await before.hold([a], testContext())).release();
    await writeFile(`${before.location(object("b", 50))}.partial`, "half");
    await writeFile(before.location(object("c", 50)), "short");
    await writeFile(`${before.location(object("d", 50))}.sha256`, "of a file that is gone");
    await writeFile(join(folder.path, "a person's file"), "kept");
    const after = await open(storage, 1_000);
    expect(await files()).toBe(2);
    (await after.hold([a], testContext())).release();
    expect(storage.fetched).toHaveLength(1);
    expect(after.cache.bytes).toBe(100);
  });

  test("that was damaged or removed behind our back is fetched again", async () => {
    const storage = new MemoryStorage();
    const access = await open(storage, 1_000);
    const a = object("a", 100);
    const damages = [
      () => truncate(access.location(a), 10),
      () => rm(access.location(a)),
      () => flipByte(access.location(a)),
      () => flipByte(`${access.location(a)}.sha256`).then(() => touchFile(access.location(a))),
    ];
    (await access.hold([a], testContext())).release();
    for (const [index, damage] of damages.entries()) {
      await damage();
      (await access.hold([a], testContext())).release();
      expect(await readFile(access.location(a))).toEqual(storage.body(a.key));
      expect(storage.fetched).toHaveLength(index + 2);
    }
  });

  test("whose bytes have flipped while nobody ran is fetched again", async () => {
    const storage = new MemoryStorage();
    const a = object("a", 100);
    const before = await open(storage, 1_000);
    (await before.hold([a], testContext())).release();
    await flipByte(before.location(a));
    const after = await open(storage, 1_000);
    (await after.hold([a], testContext())).release();
    expect(storage.fetched).toHaveLength(2);
    expect(await readFile(after.location(a))).toEqual(storage.body(a.key));
  });

  test("that someone touched, and did not change, is not fetched again", async () => {
    const storage = new MemoryStorage();
    const access = await open(storage, 1_000);
    const a = object("a", 100);
    for (let round = 0; round < 3; round++) {
      (await access.hold([a], testContext())).release();
      await touchFile(access.location(a));
    }
    expect(storage.fetched).toHaveLength(1);
  });

  test("of another size than its manifest says is refused, and leaves nothing", async () => {
    const storage = new MemoryStorage();
    storage.body = () => Buffer.from("short");
    const access = await open(storage, 1_000);
    await expect(access.hold([object("a", 100)], testContext())).rejects.toMatchObject({ code: "dataset_unavailable" });
    expect([await files(), access.cache.bytes]).toEqual([0, 0]);
  });

  test("that is missing, or breaks off on its way, is said as such", async () => {
    const storage = new MemoryStorage();
    const access = await open(storage, 1_000);
    storage.before = () => Promise.reject(new LakehouseError("key_not_found", "none"));
    await expect(access.hold([object("a", 100)], testContext())).rejects.toMatchObject({ code: "dataset_unavailable" });
    storage.get = brokenGet;
    await expect(access.hold([object("a", 100)], testContext())).rejects.toMatchObject({
      code: "upstream_unavailable",
    });
    expect(await files()).toBe(0);
  });

  test("that breaks off while its file is being opened leaves none", async () => {
    const storage = new MemoryStorage();
    storage.get = brokenGet;
    const access = await open(storage, 1_000);
    const file = holdOpening();
    const held = access.hold([object("a", 100)], testContext());
    // Who does not wait for the file to close is done before it is even opened.
    void held.catch(file.letOpen);
    await expect(held).rejects.toMatchObject({ code: "upstream_unavailable" });
    await file.opened;
    expect(await files()).toBe(0);
  });

  test("that can't be fetched fails those who wait, and the next one tries again", async () => {
    const storage = new MemoryStorage();
    const access = await open(storage, 1_000);
    storage.before = () => Promise.reject(new LakehouseError("storage_unavailable", "gone"));
    const held = Array.from({ length: 3 }, () => access.hold([object("a", 100)], testContext()));
    for (const outcome of await Promise.allSettled(held)) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "storage_unavailable" } });
    }
    expect([await files(), access.cache.bytes]).toEqual([0, 0]);
    storage.before = undefined;
    (await access.hold([object("a", 100)], testContext())).release();
    expect(access.cache.bytes).toBe(100);
  });
});
