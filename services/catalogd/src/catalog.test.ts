import { testPlatform } from "@lakehouse/server";
import { testContext } from "@lakehouse/testing";
import { expect, test } from "vitest";
import { MemoryDatasetObjects, MemoryManifestStore } from "../test/memory-stores.ts";
import { OTHER_FINGERPRINT, registerRequest } from "../test/requests.ts";
import { Catalog } from "./catalog.ts";

const context = testContext();
const withCode = (code: string) => expect.objectContaining({ code });

test("what was registered is there after a restart, with the same id and times", async () => {
  const { catalog, store } = await openCatalog();
  const { manifest, existing } = await catalog.register(registerRequest("a", ["k1"]), context);
  expect(existing).toBe(false);
  expect((await catalog.register(registerRequest("a", ["k2"]), context)).existing).toBe(true);

  const again = await openCatalog(store);
  expect(again.catalog.manifest("a")).toEqual(catalog.manifest("a"));
  expect(again.catalog.manifest("a")).toMatchObject({
    dataset_id: manifest.dataset_id,
    created_at: manifest.created_at,
    objects: [{ key: "k2" }],
  });
});

test("registers of one name run one after the other, so that no append is lost", async () => {
  const { catalog } = await openCatalog();
  const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
  await Promise.all(keys.map((key) => catalog.register(registerRequest("a", [key], { mode: "append" }), context)));
  expect(catalog.manifest("a").objects.map(({ key }) => key)).toEqual(keys);
  expect(catalog.manifest("a").row_count).toBe(200);
});

test("registers of different names run side by side, of one name they wait", async () => {
  const { catalog, store } = await openCatalog();
  const gate = Promise.withResolvers<void>();
  store.pause = async (name) => {
    if (name === "slow") await gate.promise;
  };
  const slow = catalog.register(registerRequest("slow", ["k1"]), context);
  const behind = catalog.register(registerRequest("slow", ["k2"]), context);
  await catalog.register(registerRequest("other"), context);
  expect(store.calls).toEqual(["write slow", "write other", "write other done"]);
  gate.resolve();
  expect((await slow).existing).toBe(false);
  expect((await behind).existing).toBe(true);
});

test("a schema conflict alters nothing", async () => {
  const { catalog, store } = await openCatalog();
  await catalog.register(registerRequest("a", ["k1"]), context);
  const before = { served: catalog.manifest("a"), stored: store.files.get("a") };
  const drifted = registerRequest("a", ["k2"], { schema_fingerprint: OTHER_FINGERPRINT });
  await expect(catalog.register(drifted, context)).rejects.toThrow(withCode("schema_conflict"));
  expect({ served: catalog.manifest("a"), stored: store.files.get("a") }).toEqual(before);
});

test("of two names that differ only in case the first wins, also when both come at once", async () => {
  const { catalog } = await openCatalog();
  const [first, second] = await Promise.allSettled(
    ["Foo", "foo"].map((name) => catalog.register(registerRequest(name), context)),
  );
  expect(first?.status).toBe("fulfilled");
  expect(second).toMatchObject({ reason: { code: "name_conflict", details: { registered: "Foo" } } });

  await catalog.delete("Foo", context);
  expect((await catalog.register(registerRequest("foo"), context)).existing).toBe(false);
});

test.each([
  ["a name with a slash", registerRequest("a/b"), "invalid_name"],
  ["a fingerprint with a space", registerRequest("a", [], { schema_fingerprint: "a 1" }), "invalid_fingerprint"],
  ["a key that climbs out", registerRequest("a", ["datasets/../x"]), "invalid_key"],
  [
    "a column that has no UTF-8",
    registerRequest("a", [], { columns: [{ name: "\ud800", type: "BIGINT" }] }),
    "invalid_request",
  ],
])("%s is refused before anything is written", async (_what, request, code) => {
  const { catalog, store } = await openCatalog();
  await expect(catalog.register(request, context)).rejects.toThrow(withCode(code));
  expect(store.calls).toEqual([]);
});

test("a register that fails leaves the old manifest served, whether or not it was stored", async () => {
  for (const fault of ["before", "after"] as const) {
    const { catalog, store } = await openCatalog();
    const { manifest } = await catalog.register(registerRequest("a", ["k1"]), context);
    store.fault = fault;
    await expect(catalog.register(registerRequest("a", ["k2"]), context)).rejects.toThrow(
      withCode("upstream_unavailable"),
    );
    expect(catalog.manifest("a")).toBe(manifest);
    expect(catalog.condition().in_doubt).toEqual(["a"]);
  }
});

test("a change that failed after it was stored is found by the next one of its name", async () => {
  const { catalog, store } = await openCatalog();
  store.fault = "after";
  await expect(catalog.register(registerRequest("a", ["k1"]), context)).rejects.toThrow();
  expect(catalog.list()).toEqual([]);

  const { manifest, existing } = await catalog.register(registerRequest("a", ["k2"], { mode: "append" }), context);
  expect(existing).toBe(true);
  expect(manifest.objects.map(({ key }) => key)).toEqual(["k1", "k2"]);
  expect(catalog.condition().in_doubt).toEqual([]);
});

test("a name in doubt conflicts with its other case once it turns out to be stored", async () => {
  const { catalog, store } = await openCatalog();
  store.fault = "after";
  await expect(catalog.register(registerRequest("Foo"), context)).rejects.toThrow();
  await expect(catalog.register(registerRequest("foo"), context)).rejects.toThrow(withCode("name_conflict"));
});

test("while a change is in doubt and the store away, the name takes no other change", async () => {
  const { catalog, store } = await openCatalog();
  store.fault = "after";
  await expect(catalog.register(registerRequest("a", ["k1"]), context)).rejects.toThrow();
  store.isDown = true;
  await expect(catalog.register(registerRequest("a", ["k2"]), context)).rejects.toThrow(
    withCode("upstream_unavailable"),
  );
  expect(store.calls).toEqual(["write a"]);
  store.isDown = false;
  await catalog.recheck(context);
  expect(catalog.manifest("a").objects).toMatchObject([{ key: "k1" }]);
  expect(catalog.condition().in_doubt).toEqual([]);
});

test("a deletion that failed leaves the dataset served; one that happened all the same is found", async () => {
  const { catalog, store } = await openCatalog();
  await catalog.register(registerRequest("a"), context);
  store.fault = "before";
  await expect(catalog.delete("a", context)).rejects.toThrow(withCode("upstream_unavailable"));
  expect(catalog.manifest("a").name).toBe("a");
  store.fault = "after";
  await expect(catalog.delete("a", context)).rejects.toThrow(withCode("upstream_unavailable"));
  await expect(catalog.delete("a", context)).rejects.toThrow(withCode("dataset_not_found"));
});

test("a client that left while it waited changes nothing", async () => {
  const { catalog, store } = await openCatalog();
  const gate = Promise.withResolvers<void>();
  store.pause = () => gate.promise;
  const first = catalog.register(registerRequest("a"), context);
  const client = new AbortController();
  const second = catalog.register(registerRequest("a"), testContext(client.signal));
  client.abort();
  gate.resolve();
  await first;
  await expect(second).rejects.toThrow(withCode("client_closed_request"));
  expect(store.calls).toEqual(["write a", "write a done"]);
});

test("a damaged manifest is named, never replaced in silence, and keeps nothing else from loading", async () => {
  const store = await storeWith("good", "bad");
  store.files.set("bad", new TextEncoder().encode("PAR1 not a manifest PAR1"));
  const { catalog } = await openCatalog(store);
  expect(catalog.list().map(({ name }) => name)).toEqual(["good"]);
  expect(catalog.condition().damaged).toMatchObject([{ name: "bad" }]);

  await expect(catalog.register(registerRequest("bad"), context)).rejects.toThrow(withCode("manifest_damaged"));
  await expect(catalog.register(registerRequest("BAD"), context)).rejects.toThrow(withCode("name_conflict"));
  expect(() => catalog.manifest("bad")).toThrow(withCode("manifest_damaged"));
  expect(store.files.has("bad")).toBe(true);

  await catalog.delete("bad", context);
  expect(store.files.has("bad")).toBe(false);
  expect((await catalog.register(registerRequest("bad"), context)).existing).toBe(false);
});

test("a damaged manifest that is put right is served again without a restart", async () => {
  const store = await storeWith("a");
  const whole = store.files.get("a")!;
  store.files.set("a", whole.slice(0, 100));
  const { catalog } = await openCatalog(store);
  await catalog.recheck(context);
  expect(() => catalog.manifest("a")).toThrow(withCode("manifest_damaged"));
  store.files.set("a", whole);
  await catalog.recheck(context);
  expect(catalog.manifest("a").name).toBe("a");
  expect(catalog.condition().damaged).toEqual([]);
});

test("two stored names that differ only in case: one is served, the other named until one is deleted", async () => {
  const store = await storeWith("foo");
  const other = await storeWith("Foo");
  store.files.set("Foo", other.files.get("Foo")!);
  const { catalog } = await openCatalog(store);
  expect(catalog.list().map(({ name }) => name)).toEqual(["Foo"]);
  expect(catalog.condition().damaged).toEqual([{ name: "foo", reason: "It differs from Foo only in case." }]);
  await catalog.delete("Foo", context);
  await catalog.recheck(context);
  expect(catalog.list().map(({ name }) => name)).toEqual(["foo"]);
});

test("nothing is answered before the catalog is loaded", async () => {
  const catalog = newCatalog(new MemoryManifestStore());
  expect(catalog.condition().loaded).toBe(false);
  expect(() => catalog.list()).toThrow(withCode("not_loaded"));
  await expect(catalog.register(registerRequest("a"), context)).rejects.toThrow(withCode("not_loaded"));
  await expect(catalog.delete("a", context)).rejects.toThrow(withCode("not_loaded"));
});

test("a load that fails half way leaves the catalog not loaded", async () => {
  const store = await storeWith("a", "b");
  const catalog = newCatalog(store);
  store.isDown = true;
  await expect(catalog.load(context)).rejects.toThrow(withCode("upstream_unavailable"));
  expect(catalog.condition().loaded).toBe(false);
  store.isDown = false;
  await catalog.load(context);
  expect(catalog.list()).toHaveLength(2);
});

test("the list is by name, and the same array until something changes", async () => {
  const { catalog } = await openCatalog(await storeWith("b", "_x", "A"));
  const list = catalog.list();
  expect(list.map(({ name }) => name)).toEqual(["A", "_x", "b"]);
  expect(catalog.list()).toBe(list);
  await catalog.register(registerRequest("c"), context);
  expect(catalog.list().map(({ name }) => name)).toEqual(["A", "_x", "b", "c"]);
});

function newCatalog(store: MemoryManifestStore): Catalog {
  const { logger } = testPlatform("catalogd");
  return new Catalog({ store, objects: new MemoryDatasetObjects(), logger });
}

async function openCatalog(
  store = new MemoryManifestStore(),
): Promise<{ catalog: Catalog; store: MemoryManifestStore }> {
  const catalog = newCatalog(store);
  await catalog.load(context);
  return { catalog, store };
}

async function storeWith(...names: string[]): Promise<MemoryManifestStore> {
  const { catalog, store } = await openCatalog();
  for (const name of names) await catalog.register(registerRequest(name), context);
  return store;
}
