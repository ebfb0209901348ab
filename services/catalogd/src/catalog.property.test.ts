import type { RegisterMode } from "@lakehouse/contracts";
import type { LakehouseError } from "@lakehouse/core";
import { testPlatform } from "@lakehouse/server";
import { testContext } from "@lakehouse/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Fault, MemoryDatasetObjects, MemoryManifestStore } from "../test/memory-stores.ts";
import { FINGERPRINT, OTHER_FINGERPRINT, registerRequest } from "../test/requests.ts";
import { Catalog } from "./catalog.ts";
import { GarbageCollector } from "./garbage.ts";

const context = testContext();
const { logger } = testPlatform("catalogd");

const names = ["a", "b", "B"];
const keys = ["k1", "k2", "k3"];
const fault = fc.option(fc.constantFrom<Fault>("before", "after"), { nil: undefined, freq: 3 });
const register = fc.record({
  what: fc.constant("register" as const),
  name: fc.constantFrom(...names),
  keys: fc.uniqueArray(fc.constantFrom(...keys), { maxLength: 2 }),
  mode: fc.constantFrom<RegisterMode>("replace", "append"),
  fingerprint: fc.constantFrom(FINGERPRINT, FINGERPRINT, FINGERPRINT, OTHER_FINGERPRINT),
  fault,
});
const remove = fc.record({ what: fc.constant("delete" as const), name: fc.constantFrom(...names), fault });
const restart = fc.record({ what: fc.constant("restart" as const) });
const recheck = fc.record({ what: fc.constant("recheck" as const) });
const step = fc.oneof({ weight: 6, arbitrary: register }, { weight: 2, arbitrary: remove }, restart, recheck);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

test("any sequence of registers, deletions, failures and restarts gives what a naive catalog gives", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const store = new MemoryManifestStore();
      const model = new NaiveCatalog();
      let catalog = await openCatalog(store);
      for (const step of steps) {
        if (step.what === "restart") catalog = await openCatalog(store);
        const outcome = await perform(catalog, store, step);
        expect(outcome, JSON.stringify(step)).toBe(model.perform(step));
        expect(served(catalog)).toEqual(model.served);
        for (const key of model.protectedKeys()) expect(catalog.mayList(key)).toBe(true);
      }
      expect(served(await openCatalog(store))).toEqual(model.stored);
    }),
    { numRuns: 250 },
  );
});

test("updated_at of a dataset moves with every register, whatever the clock does", async () => {
  const clock = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 2, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(clock, async (readings) => {
      let now = 0;
      const objects = new MemoryDatasetObjects();
      const catalog = new Catalog({ store: new MemoryManifestStore(), objects, logger, now: () => now });
      await catalog.load(context);
      const seen: string[] = [];
      for (now of readings) seen.push((await catalog.register(registerRequest("a"), context)).manifest.updated_at);
      expect(new Set(seen).size).toBe(seen.length);
      expect([...seen].sort((a, b) => (a < b ? -1 : 1))).toEqual(seen);
    }),
    { numRuns: 50 },
  );
});

test("however clients and the collector interleave, a manifest lists no object that was collected", async () => {
  const client = fc.record({
    name: fc.constantFrom("a", "b"),
    keys: fc.uniqueArray(fc.constantFrom("datasets/a/1", "datasets/a/2", "datasets/b/1"), { minLength: 1 }),
    mode: fc.constantFrom<RegisterMode>("replace", "append"),
  });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(client, { minLength: 1, maxLength: 4 }), async (scheduler, clients) => {
      const store = new MemoryManifestStore();
      const objects = new MemoryDatasetObjects();
      const NOW = 1_000_000;
      const catalog = new Catalog({ store, objects, logger });
      await catalog.load(context);
      const collector = new GarbageCollector({ catalog, objects, graceMs: 1_000, now: () => NOW });
      for (const key of ["datasets/a/1", "datasets/a/2", "datasets/b/1"]) objects.upload(key, 0);
      const wait = (step: string) => scheduler.schedule(Promise.resolve(), step);
      store.pause = wait;
      objects.pause = wait;

      const ingest = async ({ name, keys, mode }: (typeof clients)[number]) => {
        for (const key of keys) {
          await wait(`upload ${key}`);
          objects.upload(key, NOW);
        }
        const register = catalog.register(registerRequest(name, keys, { mode }), context);
        await register.catch((error: LakehouseError) => expect(error.code).toBe("object_missing"));
      };
      const work = [...clients.map(ingest), collector.collect(false, context), collector.collect(false, context)];
      await scheduler.waitFor(Promise.all(work));
      for (const { objects: listed } of catalog.list())
        for (const { key } of listed) expect(objects.stored.has(key), key).toBe(true);
    }),
    { numRuns: 300 },
  );
});

async function openCatalog(store: MemoryManifestStore): Promise<Catalog> {
  const catalog = new Catalog({ store, objects: new MemoryDatasetObjects(), logger });
  await catalog.load(context);
  return catalog;
}

/** "ok", or the code of the error. */
async function perform(catalog: Catalog, store: MemoryManifestStore, step: Step): Promise<string> {
  try {
    switch (step.what) {
      case "register":
        store.fault = step.fault;
        await catalog.register(
          registerRequest(step.name, step.keys, { mode: step.mode, schema_fingerprint: step.fingerprint }),
          context,
        );
        break;
      case "delete":
        store.fault = step.fault;
        await catalog.delete(step.name, context);
        break;
      case "recheck":
        await catalog.recheck(context);
        break;
      case "restart":
        break;
    }
    return "ok";
  } catch (error) {
    return (error as LakehouseError).code;
  } finally {
    store.fault = undefined; // a step that was refused never came to use it
  }
}

type Datasets = Record<string, { fingerprint: string; keys: string[] }>;

function served(catalog: Catalog): Datasets {
  return Object.fromEntries(
    catalog.list().map(({ name, schema_fingerprint: fingerprint, objects, row_count }) => {
      expect(row_count).toBe(objects.length * 10);
      return [name, { fingerprint, keys: objects.map(({ key }) => key) }];
    }),
  );
}

/** The contract in the plainest words: what is stored, what is served, and which names are in doubt. */
class NaiveCatalog {
  stored: Datasets = {};
  served: Datasets = {};
  #inDoubt = new Set<string>();

  perform(step: Step): string {
    switch (step.what) {
      case "restart":
        this.served = { ...this.stored };
        this.#inDoubt.clear();
        return "ok";
      case "recheck":
        for (const name of this.#inDoubt) this.#settle(name);
        return "ok";
      case "register":
        return this.#register(step);
      case "delete":
        return this.#delete(step);
    }
  }

  protectedKeys(): string[] {
    return [...Object.values(this.stored), ...Object.values(this.served)].flatMap(({ keys }) => keys);
  }

  #register({ name, keys, mode, fingerprint, fault }: Extract<Step, { what: "register" }>): string {
    this.#settleCasesOf(name);
    const other = Object.keys(this.served).find((held) => held !== name && held.toLowerCase() === name.toLowerCase());
    if (other) return "name_conflict";
    const current = this.served[name];
    if (current && current.fingerprint !== fingerprint) return "schema_conflict";
    const before = mode === "append" ? (current?.keys ?? []) : [];
    const next = { fingerprint, keys: [...before, ...keys.filter((key) => !before.includes(key))] };
    return this.#change(name, next, fault);
  }

  #delete({ name, fault }: Extract<Step, { what: "delete" }>): string {
    this.#settleCasesOf(name);
    return this.served[name] ? this.#change(name, undefined, fault) : "dataset_not_found";
  }

  #change(name: string, next: Datasets[string] | undefined, fault: Fault): string {
    if (fault !== "before") assign(this.stored, name, next);
    if (!fault) assign(this.served, name, next);
    if (!fault) return "ok";
    this.#inDoubt.add(name);
    return "upstream_unavailable";
  }

  #settleCasesOf(name: string): void {
    for (const held of this.#inDoubt) if (held.toLowerCase() === name.toLowerCase()) this.#settle(held);
  }

  #settle(name: string): void {
    assign(this.served, name, this.stored[name]);
    this.#inDoubt.delete(name);
  }
}

function assign(datasets: Datasets, name: string, value: Datasets[string] | undefined): void {
  if (value) datasets[name] = value;
  else delete datasets[name];
}
