import { testPlatform } from "@lakehouse/server";
import { testContext } from "@lakehouse/testing";
import { expect, test } from "vitest";
import { MemoryDatasetObjects, MemoryManifestStore } from "../test/memory-stores.ts";
import { registerRequest } from "../test/requests.ts";
import { Catalog } from "./catalog.ts";
import { GarbageCollector } from "./garbage.ts";

const context = testContext();
const NOW = Date.UTC(2026, 0, 1);
const GRACE = 60_000;
const OLD = NOW - GRACE;

test("what no manifest lists goes once it is as old as the grace, and nothing else does", async () => {
  const { catalog, objects, collector } = await openWarehouse();
  await catalog.register(registerRequest("a", ["datasets/a/listed"]), context);
  objects.upload("datasets/a/listed", OLD);
  objects.upload("datasets/a/young", OLD + 1);
  objects.upload("datasets/a/old", OLD, 70);
  objects.upload("datasets/gone/old", OLD, 30);

  const result = await collector.collect(false, context);
  expect(result).toMatchObject({ dry_run: false, removed: 2, bytes: 100 });
  expect(result.garbage).toContainEqual({
    key: "datasets/a/old",
    size: 70,
    last_modified: new Date(OLD).toISOString(),
  });
  expect([...objects.stored.keys()]).toEqual(["datasets/a/listed", "datasets/a/young"]);
});

test("a dry run tells the garbage and removes nothing", async () => {
  const { objects, collector } = await openWarehouse();
  objects.upload("datasets/a/old", OLD);
  const result = await collector.collect(true, context);
  expect(result).toMatchObject({ dry_run: true, garbage: [{ key: "datasets/a/old" }], removed: 0, bytes: 0 });
  expect(objects.stored.size).toBe(1);
});

test("an object outside its dataset's own folder is kept as well, when it is listed", async () => {
  const { catalog, objects, collector } = await openWarehouse();
  await catalog.register(registerRequest("a", ["datasets/b/x"]), context);
  objects.upload("datasets/b/x", OLD);
  expect((await collector.collect(false, context)).removed).toBe(0);
});

test("objects of a dataset whose manifest is damaged are kept: it may list them", async () => {
  const store = new MemoryManifestStore();
  store.files.set("hurt", new Uint8Array(50));
  const { catalog, objects, collector } = await openWarehouse(store);
  objects.upload("datasets/hurt/x", OLD);
  objects.upload("datasets/hurtful/x", OLD);
  expect((await collector.collect(false, context)).garbage).toMatchObject([{ key: "datasets/hurtful/x" }]);

  await catalog.delete("hurt", context);
  expect((await collector.collect(false, context)).garbage).toMatchObject([{ key: "datasets/hurt/x" }]);
});

test("objects that a manifest under another name lists are kept: it was moved, and is all that knows of them", async () => {
  const store = new MemoryManifestStore();
  const { catalog: before } = await openWarehouse(store);
  await before.register(registerRequest("moved", ["datasets/moved/x"]), context);
  store.files.set("elsewhere", store.files.get("moved")!);
  store.files.delete("moved");

  const { catalog, objects, collector } = await openWarehouse(store);
  expect(catalog.condition().damaged).toMatchObject([{ name: "elsewhere" }]);
  for (const key of ["datasets/moved/x", "datasets/moved/y"]) objects.upload(key, OLD);
  expect((await collector.collect(false, context)).garbage).toMatchObject([{ key: "datasets/moved/y" }]);
});

test("objects of another dataset's folder are kept when the manifest that lists them becomes unreadable", async () => {
  const { catalog, store, objects, collector } = await openWarehouse();
  await catalog.register(registerRequest("copy", ["datasets/original/x"]), context);
  objects.upload("datasets/original/x", OLD);
  store.fault = "after";
  await expect(catalog.register(registerRequest("copy", [], { mode: "append" }), context)).rejects.toThrow();
  store.files.set("copy", new Uint8Array(50));
  await catalog.recheck(context);
  expect(catalog.condition().damaged).toMatchObject([{ name: "copy" }]);
  expect((await collector.collect(false, context)).removed).toBe(0);
});

test("while a register is in doubt, the objects before and after it are kept", async () => {
  const { catalog, store, objects, collector } = await openWarehouse();
  for (const key of ["k1", "k2"]) objects.upload(`datasets/a/${key}`, OLD);
  await catalog.register(registerRequest("a", ["datasets/a/k1"]), context);
  store.fault = "after";
  await expect(catalog.register(registerRequest("a", ["datasets/a/k2"]), context)).rejects.toThrow();
  expect((await collector.collect(false, context)).removed).toBe(0);

  await catalog.recheck(context);
  expect((await collector.collect(false, context)).garbage).toMatchObject([{ key: "datasets/a/k1" }]);
});

test("a register that comes between the listing and the removal wins", async () => {
  const { catalog, objects, collector, store } = await openWarehouse();
  objects.upload("datasets/a/x", OLD);
  const written = Promise.withResolvers<void>();
  store.pause = () => written.promise;
  let register: Promise<unknown> | undefined;
  objects.pause = async (step) => {
    if (step === "list") register = catalog.register(registerRequest("a", ["datasets/a/x"]), context);
  };
  expect((await collector.collect(false, context)).removed).toBe(0);
  written.resolve();
  await register;
  expect(objects.stored.has("datasets/a/x")).toBe(true);
});

test("an object that is uploaded anew after it was listed is kept", async () => {
  const { objects, collector } = await openWarehouse();
  objects.upload("datasets/a/x", OLD);
  objects.pause = async (step) => {
    if (step === "find datasets/a/x") objects.upload("datasets/a/x", NOW);
  };
  expect((await collector.collect(false, context)).removed).toBe(0);
  expect(objects.stored.has("datasets/a/x")).toBe(true);
});

test("a register whose object a collection just took is told, and succeeds once the object is there again", async () => {
  const { catalog, objects, collector } = await openWarehouse();
  objects.upload("datasets/a/x", OLD);
  let register: Promise<unknown> | undefined;
  objects.pause = async (step) => {
    // The upload lands between the collector's last look and its removal, which takes it away.
    if (step !== "remove datasets/a/x") return;
    objects.upload("datasets/a/x", NOW);
    register = catalog.register(registerRequest("a", ["datasets/a/x"]), context);
    register.catch(() => {}); // it is looked at below, when the collection is over
  };
  await collector.collect(false, context);
  await expect(register).rejects.toThrow(expect.objectContaining({ code: "object_missing" }));

  objects.upload("datasets/a/x", NOW);
  await catalog.register(registerRequest("a", ["datasets/a/x"]), context);
  expect(catalog.manifest("a").objects).toHaveLength(1);
});

test("collections run one at a time", async () => {
  const { objects, collector } = await openWarehouse();
  objects.upload("datasets/a/x", OLD);
  const results = await Promise.all([collector.collect(false, context), collector.collect(false, context)]);
  expect(results.map(({ removed }) => removed)).toEqual([1, 0]);
});

test("nothing is collected before the catalog is loaded", async () => {
  const { objects, collector, store } = await openWarehouse();
  objects.upload("datasets/a/x", OLD);
  const { logger } = testPlatform("catalogd");
  const catalog = new Catalog({ store, objects, logger });
  const early = new GarbageCollector({ catalog, objects, graceMs: GRACE, now: () => NOW });
  await expect(early.collect(false, context)).rejects.toThrow(expect.objectContaining({ code: "not_loaded" }));
  expect((await collector.collect(true, context)).garbage).toHaveLength(1);
});

async function openWarehouse(store = new MemoryManifestStore()) {
  const { logger } = testPlatform("catalogd");
  const objects = new MemoryDatasetObjects();
  const now = () => NOW;
  const catalog = new Catalog({ store, objects, logger, now });
  await catalog.load(context);
  return { catalog, store, objects, collector: new GarbageCollector({ catalog, objects, graceMs: GRACE, now }) };
}
