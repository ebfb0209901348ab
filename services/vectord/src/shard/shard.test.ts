import type { Condition } from "@lakehouse/contracts";
import { meets } from "@lakehouse/core/metadata-filter";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  add,
  all,
  type Item,
  index,
  naiveDistance,
  openShard,
  question,
  search,
  step,
  useEngine,
} from "../../test/shard-harness.ts";
import { encodeDelete } from "../formats/batch.ts";
import { engineNames } from "./engines.ts";

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
