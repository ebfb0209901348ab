import { deleteItemsResultSchema, searchResultSchema, storedItemSchema } from "@lakehouse/contracts";
import { ask } from "@lakehouse/testing";
import { describe, expect, it } from "vitest";
import { add, describeEngines, ids, makeWorkers, search, served, workers } from "./workers.ts";

describeEngines(() => {
  describe("searching", () => {
    it.each([
      ["cosine", [0, 0.4, 1, 1]],
      ["l2", [0, 0.8, 2, 2]],
      ["ip", [0, 0.4, 1, 1]],
    ])("ranks by %s, nearest first, ties by id", async (distance, wanted) => {
      await makeWorkers(distance);
      const { status, body } = await search("workers", { vector: [1, 0, 0] });
      expect(status).toBe(200);
      const { results } = searchResultSchema.strict().parse(body);
      expect(results.map(({ id }) => id)).toEqual(["w-1", "w-3", "w-2", "w-4"]);
      expect(results.map(({ distance }) => distance)).toEqual(wanted.map((one) => expect.closeTo(one, 6)));
      expect(results[0]!.metadata).toEqual(workers[0]!.metadata);
      expect(results[3]!.metadata).toEqual({});
    });

    it("gives at most k, 10 if left out, exactly or by the graph, with vectors if asked", async () => {
      await ask("POST", served.url, { name: "many", dimension: 2 });
      const items = Array.from({ length: 600 }, (_, i) => ({
        id: `${i}`,
        vector: [Math.cos(i / 200), Math.sin(i / 200)],
      }));
      await add("many", items);
      expect(await ids("many", { vector: [1, 0] })).toEqual(Array.from({ length: 10 }, (_, i) => `${i}`));
      expect(await ids("many", { vector: [1, 0], k: 3, exact: true })).toEqual(["0", "1", "2"]);
      expect(await ids("many", { vector: [1, 0], k: 1000, ef: 50 })).toHaveLength(600);
      const { results } = (await search("many", { vector: [1, 0], k: 1, include_vectors: true })).body;
      expect(results).toEqual([{ id: "0", distance: 0, metadata: {}, vector: [1, 0] }]);
    });

    it.each([
      [{ state: "IL" }, ["w-1", "w-2"]],
      [{ role: ["Welder", "Driver"] }, ["w-1", "w-3"]],
      [{ years: { gte: 3, lt: 9 } }, ["w-1", "w-3"]],
      [{ state: "IL", years: { gt: 3 } }, ["w-2"]],
      [{}, ["w-1", "w-3", "w-2", "w-4"]],
      [{ nothing: "x" }, []],
    ])("filters by %j", async (filter, wanted) => {
      await makeWorkers();
      expect(await ids("workers", { vector: [1, 0, 0], filter })).toEqual(wanted);
    });

    it("gives k results under every filter that leaves k, scanned or by the graph", async () => {
      await ask("POST", served.url, { name: "many", dimension: 4, distance: "l2" });
      const items = Array.from({ length: 2_000 }, (_, i) => ({
        id: `${i}`,
        vector: [i % 17, i % 31, i % 7, i / 100],
        metadata: { half: i % 2, tenth: i % 10, hundredth: i % 100, one: i },
      }));
      await add("many", items);
      for (const [filter, wanted] of [
        [{ half: 0 }, 20],
        [{ tenth: 3 }, 20],
        [{ hundredth: 7 }, 20],
        [{ one: 1999 }, 1],
      ] as const) {
        const { results } = (await search("many", { vector: [0, 0, 0, 0], k: 20, filter })).body;
        expect(results).toHaveLength(wanted);
        const [key, value] = Object.entries(filter)[0]!;
        const modulus = { half: 2, tenth: 10, hundredth: 100, one: 2_000 }[key]!;
        for (const { id } of results) expect(Number(id) % modulus).toBe(value);
      }
    });

    it.each([
      [{ vector: [1, 0] }, "invalid_vector"],
      [{ vector: [1, 0, 1e39] }, "invalid_vector"],
      [{ vector: [0, 0, 0] }, "invalid_vector"],
      [{ vector: "1,0,0" }, "invalid_request"],
      [{}, "invalid_request"],
      [{ vector: [1, 0, 0], k: 0 }, "invalid_request"],
      [{ vector: [1, 0, 0], k: 1001 }, "invalid_request"],
      [{ vector: [1, 0, 0], ef: 0 }, "invalid_request"],
      [{ vector: [1, 0, 0], filter: { years: { near: 3 } } }, "invalid_request"],
      [{ vector: [1, 0, 0], filter: [] }, "invalid_request"],
      [{ vector: [1, 0, 0], topk: 3 }, "invalid_request"],
    ])("refuses %j as %s", async (body, code) => {
      await makeWorkers();
      expect(await search("workers", body)).toMatchObject({ status: 400, body: { code } });
    });

    it("of an index that is empty, or was emptied, finds nothing; filled again it finds", async () => {
      await makeWorkers();
      const deleted = await ask("POST", `${served.url}/workers/delete`, { ids: workers.map(({ id }) => id) });
      expect(deleteItemsResultSchema.strict().parse(deleted.body)).toEqual({ deleted: 4, count: 0 });
      expect(await ids("workers", { vector: [1, 0, 0] })).toEqual([]);
      await add("workers", workers);
      expect(await ids("workers", { vector: [1, 0, 0], k: 1 })).toEqual(["w-1"]);
    });
  });

  describe("items", () => {
    it("come back as they were given", async () => {
      await makeWorkers();
      const { status, body } = await ask("GET", `${served.url}/workers/items/w-3`);
      expect([status, storedItemSchema.strict().parse(body)]).toEqual([200, workers[2]]);
      expect(await ask("GET", `${served.url}/workers/items/none`)).toMatchObject({
        status: 404,
        body: { code: "item_not_found" },
      });
    });

    it("have ids of any characters", async () => {
      await ask("POST", served.url, { name: "odd", dimension: 1 });
      const odd = ["a/b", "ä ö", "100%", "😀", '"', "\n", "x".repeat(256)];
      await add(
        "odd",
        odd.map((id) => ({ id, vector: [1] })),
      );
      for (const id of odd) {
        expect((await ask("GET", `${served.url}/odd/items/${encodeURIComponent(id)}`)).body).toEqual({
          id,
          vector: [1],
          metadata: {},
        });
      }
      expect((await ask("POST", `${served.url}/odd/delete`, { ids: odd })).body).toEqual({
        deleted: odd.length,
        count: 0,
      });
    });

    it("are deleted once, whatever else is asked", async () => {
      await makeWorkers();
      const answer = await ask("POST", `${served.url}/workers/delete`, { ids: ["w-1", "w-1", "none"] });
      expect(answer.body).toEqual({ deleted: 1, count: 3 });
      expect(await ask("POST", `${served.url}/workers/delete`, { ids: "w-2" })).toMatchObject({ status: 400 });
      expect(await ask("POST", `${served.url}/none/delete`, { ids: [] })).toMatchObject({ status: 404 });
    });
  });
});
