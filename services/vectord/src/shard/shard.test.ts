import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Condition, DistanceName } from "@lakehouse/contracts";
import { meets } from "@lakehouse/core/metadata-filter";
import { temporaryFolder } from "@lakehouse/testing";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { copyBytes, encodeAdd, encodeDelete, encodeTexts } from "../formats/batch.ts";
import type { Parameters } from "../formats/log-record.ts";
import type { AnnEngine, EngineName } from "./ann-index.ts";
import { engineNames, loadEngine } from "./engines.ts";
import { Shard, shardFiles } from "./shard.ts";
import { newChunk } from "./vector-store.ts";

const all = () => true;
let engine: AnnEngine;

async function useEngine(name: EngineName): Promise<void> {
  engine = await loadEngine(name);
}

function parameters(distance: DistanceName, dimension = 4): Parameters {
  return { dimension, distance, m: 8, ef_construction: 50, ef_search: 50 };
}

function openShard(distance: DistanceName, dimension = 4): Shard {
  return new Shard(parameters(distance, dimension), engine);
}

interface Item {
  id: string;
  vector: number[];
  metadata?: Record<string, unknown>;
}

function add(shard: Shard, items: readonly Item[]) {
  const numbers = Float32Array.from(items.flatMap(({ vector }) => vector));
  const metadata = items.map(({ metadata }) => metadata && JSON.stringify(metadata));
  return shard.apply(
    encodeAdd(
      items.map(({ id }) => id),
      numbers,
      metadata,
    ),
    all,
  );
}

function index(shard: Shard): void {
  while (shard.advance());
}

function search(
  shard: Shard,
  vector: number[],
  options: { k?: number; exact?: boolean; filter?: [string, Condition][]; threshold?: number },
) {
  const { ids, distances, metadata } = shard.search({
    vector: Float32Array.from(vector),
    k: options.k ?? 10,
    ef: 50,
    exact: options.exact ?? false,
    filter: options.filter,
    include_vectors: false,
    full_scan_threshold: options.threshold ?? 0,
  });
  return ids.map((id, i) => ({ id, distance: distances[i]!, metadata: JSON.parse(metadata[i]!) }));
}

const naiveDistance: Record<DistanceName, (a: number[], b: number[]) => number> = {
  l2: (a, b) => a.reduce((sum, x, i) => sum + (x - b[i]!) ** 2, 0),
  ip: (a, b) => 1 - product(a, b),
  cosine: (a, b) => 1 - product(a, b) / Math.sqrt(product(a, a) * product(b, b)),
};

function product(a: number[], b: number[]): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0);
}

/** Few values, so that ties are common. */
const vector = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 4, maxLength: 4 });
const metadata = fc.record({ state: fc.constantFrom("IL", "WI", "IN"), years: fc.integer({ min: 0, max: 9 }) });
const someItems = fc.uniqueArray(
  fc.record({ id: fc.integer({ min: 0, max: 60 }).map(String), vector, metadata }, { requiredKeys: ["id", "vector"] }),
  { selector: ({ id }) => id, maxLength: 30 },
);
const step = fc.oneof(
  someItems.map((items) => ({ kind: "add" as const, items })),
  fc
    .uniqueArray(fc.integer({ min: 0, max: 60 }).map(String), { maxLength: 30 })
    .map((ids) => ({ kind: "delete" as const, ids })),
  fc.constant({ kind: "index" as const }),
);
const question = fc.record({
  vector,
  k: fc.integer({ min: 1, max: 12 }),
  filter: fc.option(
    fc.oneof(
      fc.constantFrom("IL", "XX").map((state): [string, Condition][] => [["state", state]]),
      fc.tuple(fc.nat(9), fc.nat(9)).map(([gte, lt]): [string, Condition][] => [["years", { gte, lt }]]),
    ),
    { nil: undefined },
  ),
});

describe.each(engineNames)("a shard on %s", (name) => {
  beforeAll(() => useEngine(name));

  it.each(["cosine", "l2", "ip"] as const)(
    "answers like a plain list of its items under %s, by graph or scan, whatever was done to it",
    (distance) => {
      fc.assert(
        fc.property(
          fc.array(step, { maxLength: 12 }),
          fc.array(question, { minLength: 1, maxLength: 4 }),
          (steps, questions) => {
            // A run that fails is run again and again, smaller: graphs that stay open would fill the memory.
            using opened = new DisposableStack();
            const shard = opened.adopt(openShard(distance), (shard) => shard.close());
            const model = new Map<string, Required<Item>>();
            for (const one of steps) {
              if (one.kind === "index") index(shard);
              else if (one.kind === "add") {
                const known = one.items.filter(({ id }) => model.has(id)).length;
                expect(add(shard, one.items as Item[])).toEqual({
                  added: one.items.length - known,
                  updated: known,
                  deleted: 0,
                });
                for (const { id, vector, metadata } of one.items) {
                  model.set(id, { id, vector, metadata: metadata ?? model.get(id)?.metadata ?? {} });
                }
              } else {
                const known = one.ids.filter((id) => model.delete(id)).length;
                expect(shard.apply(encodeDelete(one.ids), all)).toEqual({ added: 0, updated: 0, deleted: known });
              }
            }
            expect(shard.count).toBe(model.size);
            for (const { vector, k, filter } of questions) {
              const wanted = [...model.values()]
                .filter(({ metadata }) => filter?.every(([key, condition]) => meets(metadata[key], condition)) ?? true)
                .map((item) => ({ ...item, distance: naiveDistance[distance](item.vector, vector) }))
                .sort((a, b) =>
                  Math.abs(a.distance - b.distance) > 1e-9 ? a.distance - b.distance : a.id < b.id ? -1 : 1,
                )
                .slice(0, k);
              for (const exact of [true, false]) {
                const found = search(shard, vector, { k, exact, ...(filter ? { filter } : {}) });
                expect(found.map(({ distance }) => distance)).toEqual(
                  wanted.map(({ distance }) => expect.closeTo(distance, 9)),
                );
                if (distance === "l2") expect(found.map(({ id }) => id)).toEqual(wanted.map(({ id }) => id));
                for (const hit of found) expect(hit.metadata).toEqual(model.get(hit.id)!.metadata);
              }
            }
          },
        ),
        { numRuns: 60 },
      );
    },
  );

  it("finds what was added before the graph has it", () => {
    const shard = openShard("l2");
    add(shard, [{ id: "old", vector: [1, 1, 1, 1] }]);
    index(shard);
    add(shard, [{ id: "new", vector: [2, 2, 2, 2] }]);
    expect(shard.unindexed).toBe(1);
    expect(search(shard, [2, 2, 2, 2], { k: 1 })).toMatchObject([{ id: "new", distance: 0 }]);
  });

  it("gives all of many equal vectors by id", () => {
    const shard = openShard("cosine");
    const items = Array.from({ length: 300 }, (_, i) => ({
      id: `w-${String(i).padStart(3, "0")}`,
      vector: [1, 2, 3, 4],
    }));
    add(shard, items.toReversed());
    index(shard);
    const found = search(shard, [1, 2, 3, 4], { k: 5 });
    expect(found.map(({ id }) => id)).toEqual(["w-000", "w-001", "w-002", "w-003", "w-004"]);
    expect(found[0]!.distance).toBeLessThan(1e-9);
  });

  it.each([
    ["l2", 1e30],
    ["ip", 1e30],
    ["cosine", 1e30],
    ["cosine", 1e-30],
  ] as const)("ranks by %s vectors of size %d, past what the engine can compute", (distance, size) => {
    const shard = openShard(distance);
    const items = Array.from({ length: 50 }, (_, i) => ({ id: `${i}`, vector: [size, size * i, 0, 0] }));
    add(shard, items);
    index(shard);
    const [nearest] = search(shard, [size, size * 20, 0, 0], { k: 1 });
    expect(nearest!.id).toBe(distance === "ip" ? "49" : "20");
  });

  it("gives k results under a filter that leaves enough, also where the graph has to look far", () => {
    const shard = openShard("l2");
    const items = Array.from({ length: 2_000 }, (_, i) => ({
      id: `${i}`,
      vector: [i, i % 7, i % 11, 0],
      metadata: { rare: i >= 1_980 },
    }));
    add(shard, items);
    index(shard);
    const found = search(shard, [0, 0, 0, 0], { k: 20, filter: [["rare", true]] });
    expect(found).toHaveLength(20);
    expect(found[0]!.id).toBe("1980");
  });

  it("answers like a scan where no link of the graph leads to some of the nearest", () => {
    // The inner product of vectors of any length is no metric: some are nobody's neighbours.
    const shard = openShard("ip");
    const items = Array.from({ length: 1_300 }, (_, i) => ({
      id: `${i}`,
      vector: [Math.sin(i), Math.sin(2.3 * i), Math.sin(3.1 * i), Math.sin(4.7 * i)],
    }));
    add(shard, items);
    index(shard);
    const query = [0.4, -0.3, 0.2, 0.6];
    for (const k of [830, 1_000]) expect(search(shard, query, { k })).toEqual(search(shard, query, { k, exact: true }));
    shard.close();
  });

  it("filters on keys that mean something to JavaScript, and only where an item has them", () => {
    const shard = openShard("l2");
    add(shard, [
      { id: "plain", vector: [1, 1, 1, 1], metadata: {} },
      { id: "odd", vector: [1, 1, 1, 1], metadata: JSON.parse('{"constructor":"x","__proto__":"y"}') },
    ]);
    for (const filter of [[["constructor", "x"]], [["__proto__", "y"]]] as [string, Condition][][]) {
      expect(search(shard, [1, 1, 1, 1], { filter }).map(({ id }) => id)).toEqual(["odd"]);
    }
    expect(search(shard, [1, 1, 1, 1], { filter: [["toString", "x"]] })).toEqual([]);
  });

  it("keeps a column for a filter up to date", () => {
    const shard = openShard("l2");
    const filter: [string, Condition][] = [["state", "IL"]];
    const ids = () => search(shard, [1, 1, 1, 1], { filter }).map(({ id }) => id);
    add(shard, [{ id: "a", vector: [1, 1, 1, 1], metadata: { state: "IL" } }]);
    expect(ids()).toEqual(["a"]);
    add(shard, [
      { id: "b", vector: [1, 1, 1, 1], metadata: { state: "IL" } },
      { id: "a", vector: [1, 1, 1, 1], metadata: {} },
    ]);
    expect(ids()).toEqual(["b"]);
    for (let i = 0; i < 200; i++) add(shard, [{ id: "b", vector: [1, 1, 1, 1], metadata: { state: `${i}` } }]);
    expect(ids()).toEqual([]);
  });

  it("can be emptied and filled again and again, and takes back the space", () => {
    const shard = openShard("l2");
    const items = Array.from({ length: 1_500 }, (_, i) => ({ id: `${i}`, vector: [i, 0, 0, 0] }));
    const ids = items.map(({ id }) => id);
    for (let round = 0; round < 3; round++) {
      add(shard, items);
      index(shard);
      expect(search(shard, [7, 0, 0, 0], { k: 1 })).toMatchObject([{ id: "7" }]);
      expect(shard.apply(encodeDelete(ids), all).deleted).toBe(1_500);
      expect(search(shard, [7, 0, 0, 0], {})).toEqual([]);
      index(shard);
      expect(shard.dead).toBe(0);
    }
  });

  it("builds its graph anew while it answers", () => {
    const shard = openShard("l2");
    const items = Array.from({ length: 3_000 }, (_, i) => ({ id: `${i}`, vector: [i, i % 13, 0, 0] }));
    add(shard, items);
    index(shard);
    shard.apply(encodeDelete(items.slice(0, 1_600).map(({ id }) => id)), all);
    expect(shard.dead).toBe(1_600);
    for (let more = true; more; ) {
      more = shard.advance();
      expect(search(shard, [0, 0, 0, 0], { k: 1 })[0]!.distance).toBeLessThan(1_601 ** 2 + 200);
    }
    expect(shard.dead).toBe(0);
    expect(search(shard, [2_999, 2_999 % 13, 0, 0], { k: 1 })).toMatchObject([{ id: "2999", distance: 0 }]);
  });

  it("shows an item as it was given, in the fewest digits", () => {
    const shard = openShard("cosine");
    add(shard, [{ id: 'q"uote', vector: [0.1, -2.5e-7, 16777216, 1 / 3] }]);
    expect(shard.item('q"uote')).toBe('{"id":"q\\"uote","vector":[0.1,-2.5e-7,16777216,0.33333334],"metadata":{}}');
    expect(shard.item("constructor")).toBeUndefined();
  });
});

describe.each(engineNames)("a shard on %s that is saved and adopted", (name) => {
  beforeAll(() => useEngine(name));

  const items = Array.from({ length: 300 }, (_, i) => ({
    id: `${i}`,
    vector: [i + 1, (i * 7) % 13, 1, 2],
    metadata: { i },
  }));

  async function saved(folder: string) {
    const shard = openShard("cosine");
    add(shard, items);
    index(shard);
    shard.apply(encodeDelete(["5", "6"]), all);
    add(shard, [{ id: "late", vector: [9, 9, 9, 9] }]);
    const saving = shard.save(folder);
    // While it is being saved, whatever happens must not show.
    shard.apply(encodeDelete(["7"]), all);
    add(shard, [{ id: "later", vector: [8, 8, 8, 8] }]);
    const { count, graphSize: size, labels, engine: written } = await saving;
    const list = async (file: string) => JSON.parse(`[${await readFile(join(folder, file), "utf8")}]`);
    const metadata = (await list(shardFiles.metadata)).map((one: object) => JSON.stringify(one));
    const chunk = newChunk(4);
    const vectors = await readFile(join(folder, shardFiles.vectors));
    new Uint8Array(chunk.buffer).set(vectors);
    expect(vectors.length).toBe(count * 16);
    const rows = { chunks: [chunk], texts: encodeTexts(await list(shardFiles.ids), metadata) };
    const pieces = [copyBytes(await readFile(join(folder, shardFiles.graph)))];
    return { rows, graph: { pieces, size, labels, engine: written } };
  }

  it("has the rows of that moment, and its graph", async () => {
    await using folder = await temporaryFolder();
    const { rows, graph } = await saved(folder.path);
    const shard = openShard("cosine");
    expect(await shard.adopt(rows, graph)).toBeUndefined();
    expect([shard.count, shard.unindexed, shard.dead]).toEqual([299, 1, 2]);
    index(shard);
    for (const { id, vector, metadata } of items.filter(({ id }) => id !== "5" && id !== "6")) {
      const [first] = search(shard, vector, { k: 3 }).filter((hit) => hit.id === id);
      expect(first).toMatchObject({ metadata });
    }
    expect(search(shard, [9, 9, 9, 9], { k: 1 })[0]!.distance).toBeLessThan(1e-9);
    expect(shard.item("5")).toBeUndefined();
    expect(shard.item("7")).toBeDefined();
  });

  it.each<[string, RegExp, (whole: Uint8Array) => Uint8Array[]]>([
    ["cut in its header", /shorter than its header/, (whole) => [whole.subarray(0, 95)]],
    ["cut in its elements", /shorter than it says/, (whole) => [whole.subarray(0, 5_000)]],
    ["cut by a byte", /shorter than it says/, (whole) => [whole.subarray(0, -1)]],
    ["a byte too long", /longer than it says/, (whole) => [whole, Uint8Array.of(0)]],
    ["of a layer that is not whole", /upper layers/, (whole) => [whole.with(whole.length - 4, 3)]],
    ["empty", /shorter than its header/, () => []],
    ["something else", /The graph's count/, () => [new Uint8Array(60_000).fill(1)]],
  ])("builds its graph anew where what was saved is %s", async (_how, fault, spoil) => {
    await using folder = await temporaryFolder();
    const { rows, graph } = await saved(folder.path);
    const shard = openShard("cosine");
    const pieces = spoil(graph.pieces[0]!).map(copyBytes);
    expect(String(await shard.adopt(rows, { ...graph, pieces }))).toMatch(fault);
    expect(shard.unindexed).toBe(299);
    index(shard);
    expect(search(shard, [9, 9, 9, 9], { k: 1 })[0]!.distance).toBeLessThan(1e-9);
  });

  it("has its graph in whatever pieces that comes, and gives their memory back", async () => {
    await using folder = await temporaryFolder();
    const { rows, graph } = await saved(folder.path);
    const [whole] = graph.pieces;
    const cuts = [0, 96, 97, 10_001, 10_003, whole!.length - 1, whole!.length];
    const pieces = cuts.slice(1).map((end, i) => copyBytes(whole!.subarray(cuts[i], end)));
    const shard = openShard("cosine");
    expect(await shard.adopt(rows, { ...graph, pieces })).toBeUndefined();
    expect(pieces.map(({ length }) => length)).toEqual(pieces.map(() => 0));
    await mkdir(join(folder.path, "again"));
    await shard.save(join(folder.path, "again"));
    expect(copyBytes(await readFile(join(folder.path, "again", shardFiles.graph)))).toEqual(whole);
  });

  it("builds its graph anew where the other engine saved it", async () => {
    await using folder = await temporaryFolder();
    const { rows, graph } = await saved(folder.path);
    await useEngine(name === "native" ? "hnswlib-node" : "native");
    const shard = openShard("cosine");
    await useEngine(name);
    expect(await shard.adopt(rows, graph)).toMatch(`written by the engine "${name}"`);
    expect(shard.unindexed).toBe(299);
    index(shard);
    expect(search(shard, [9, 9, 9, 9], { k: 1 })[0]!.distance).toBeLessThan(1e-9);
  });

  it("refuses a graph of another dimension", async () => {
    await using folder = await temporaryFolder();
    const { graph } = await saved(folder.path);
    const shard = openShard("cosine", 3);
    expect(String(await shard.adopt({ chunks: [], texts: encodeTexts([], []) }, graph))).toMatch(/bytesPerElement/);
  });
});

it.each(engineNames)("rows are saved without a graph where %s can't write that", async (name) => {
  await useEngine(name);
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, shardFiles.graph));
  const shard = openShard("l2");
  add(shard, [{ id: "a", vector: [1, 2, 3, 4] }]);
  index(shard);
  expect(await shard.save(folder.path)).toEqual({
    count: 1,
    graphSize: 0,
    engine: name,
    graphFault: expect.any(String),
    labels: Int32Array.of(-1),
  });
  expect(search(shard, [1, 2, 3, 4], {})).toMatchObject([{ id: "a" }]);
});
