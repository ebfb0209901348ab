import {
  addItemsResultSchema,
  deleteItemsResultSchema,
  indexInfoSchema,
  indexListSchema,
  searchResultSchema,
  storedItemSchema,
} from "@lakehouse/contracts";
import { ask, openRawConnection } from "@lakehouse/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { engineNames } from "../src/shard/engines.ts";
import { openVectord, type Vectord } from "./open-vectord.ts";

describe.each(engineNames)("with the engine %s", (engine) => {
  let vectord: Vectord;
  let url: string;

  beforeAll(async () => {
    vectord = await openVectord({ engine });
    url = vectord.url;
  });
  afterAll(() => vectord[Symbol.asyncDispose]());

  const workers = [
    { id: "w-1", vector: [1, 0, 0], metadata: { state: "IL", role: "Welder", years: 3 } },
    { id: "w-2", vector: [0, 1, 0], metadata: { state: "IL", role: "CNC", years: 9 } },
    { id: "w-3", vector: [0.6, 0.8, 0], metadata: { state: "WI", role: "Welder", years: 5 } },
    { id: "w-4", vector: [0, 0, 1] },
  ];
  const add = (name: string, items: unknown) => ask("POST", `${url}/${name}/add`, { items });
  const search = (name: string, body: unknown) => ask("POST", `${url}/${name}/search`, body);
  const ids = async (name: string, body: unknown) =>
    (await search(name, body)).body.results.map(({ id }: { id: string }) => id);

  beforeEach(async () => {
    for (const { name } of (await ask("GET", url)).body.indexes) await ask("DELETE", `${url}/${name}`);
  });

  async function makeWorkers(distance = "cosine"): Promise<void> {
    await ask("POST", url, { name: "workers", dimension: 3, distance });
    await add("workers", workers);
  }

  describe("an index", () => {
    it("is made with defaults, shown, listed by name and deleted", async () => {
      const made = await ask("POST", url, { name: "workers", dimension: 3 });
      expect(made.status).toBe(201);
      expect(indexInfoSchema.strict().parse(made.body)).toMatchObject({
        name: "workers",
        dimension: 3,
        distance: "cosine",
        count: 0,
        m: 16,
        ef_construction: 200,
        ef_search: 100,
      });
      await ask("POST", url, {
        name: "a.b-c_D",
        dimension: 4096,
        distance: "l2",
        m: 8,
        ef_construction: 50,
        ef_search: 20,
      });
      const list = await ask("GET", url);
      expect(
        indexListSchema
          .strict()
          .parse(list.body)
          .indexes.map(({ name }) => name),
      ).toEqual(["a.b-c_D", "workers"]);
      expect(list.body.count).toBe(2);
      expect((await ask("GET", `${url}/workers`)).body).toEqual(made.body);
      expect((await ask("DELETE", `${url}/workers`)).status).toBe(204);
      for (const method of ["GET", "DELETE"]) {
        expect(await ask(method, `${url}/workers`)).toMatchObject({ status: 404, body: { code: "index_not_found" } });
      }
    });

    it.each([
      [{ name: "a b", dimension: 3 }, "invalid_name"],
      [{ name: "", dimension: 3 }, "invalid_name"],
      [{ name: "x", dimension: 0 }, "invalid_request"],
      [{ name: "x", dimension: 4097 }, "invalid_request"],
      [{ name: "x", dimension: 1.5 }, "invalid_request"],
      [{ name: "x", dimension: 3, distance: "hamming" }, "invalid_request"],
      [{ name: "x", dimension: 3, m: 1 }, "invalid_request"],
      [{ name: "x", dimension: 3, efsearch: 10 }, "invalid_request"],
      ["{", "invalid_json"],
    ])("is not made of %o", async (body, code) => {
      expect(await ask("POST", url, body)).toMatchObject({ status: 400, body: { code } });
    });

    it("is made once, also by two at the same moment", async () => {
      const answers = await Promise.all([1, 2, 3].map(() => ask("POST", url, { name: "one", dimension: 3 })));
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
      expect(answers.find(({ status }) => status === 409)!.body.code).toBe("index_exists");
    });

    it("of one name after another is another", async () => {
      await makeWorkers();
      await ask("DELETE", `${url}/workers`);
      await ask("POST", url, { name: "workers", dimension: 2 });
      expect((await ask("GET", `${url}/workers`)).body).toMatchObject({ count: 0, dimension: 2 });
      expect((await search("workers", { vector: [1, 0] })).body).toEqual({ results: [] });
    });
  });

  describe("adding", () => {
    it("tells added from updated, and moves updated_at", async () => {
      await ask("POST", url, { name: "workers", dimension: 3 });
      const before = (await ask("GET", `${url}/workers`)).body;
      const first = await add("workers", workers.slice(0, 3));
      expect(addItemsResultSchema.strict().parse(first.body)).toEqual({ added: 3, updated: 0, count: 3 });
      expect((await add("workers", workers.slice(2))).body).toEqual({ added: 1, updated: 1, count: 4 });
      const after = (await ask("GET", `${url}/workers`)).body;
      expect(after).toMatchObject({ count: 4, created_at: before.created_at });
      expect(Date.parse(after.updated_at)).toBeGreaterThanOrEqual(Date.parse(before.updated_at));
      expect((await add("workers", [])).body).toEqual({ added: 0, updated: 0, count: 4 });
    });

    it("replaces an item: metadata left out stays, {} clears it", async () => {
      await makeWorkers();
      await add("workers", [{ id: "w-1", vector: [0, 0, 2] }]);
      expect((await ask("GET", `${url}/workers/items/w-1`)).body).toEqual({ ...workers[0], vector: [0, 0, 2] });
      await add("workers", [{ id: "w-1", vector: [0, 0, 2], metadata: {} }]);
      expect((await ask("GET", `${url}/workers/items/w-1`)).body.metadata).toEqual({});
    });

    it.each([
      [
        [
          { id: "n", vector: [1, 2, 3] },
          { id: "m", vector: [1, 2] },
        ],
        1,
      ],
      [[{ id: "", vector: [1, 2, 3] }], 0],
      [[{ id: "x".repeat(257), vector: [1, 2, 3] }], 0],
      [[{ id: "n", vector: [1, 2, 1e39] }], 0],
      [[{ id: "n", vector: [0, 0, 0] }], 0],
      [
        [
          { id: "n", vector: [1, 2, 3] },
          { id: "o", vector: [1, 2, 3] },
          { id: "n", vector: [1, 2, 3] },
        ],
        2,
      ],
    ])("refuses the whole of %j and names position %i", async (items, position) => {
      await makeWorkers();
      const answer = await add("workers", items);
      expect(answer).toMatchObject({ status: 400, body: { code: "invalid_vector", details: { position } } });
      expect((await ask("GET", `${url}/workers`)).body.count).toBe(4);
      expect((await ask("GET", `${url}/workers/items/n`)).status).toBe(404);
    });

    it.each([
      ["{", "invalid_json"],
      ["", "invalid_json"],
      [{ items: {} }, "invalid_request"],
      [{ items: [{ id: "n", vector: ["1", 2, 3] }] }, "invalid_request"],
      [{ items: [{ id: "n", vector: [1, null, 3] }] }, "invalid_request"],
      [{ items: [{ id: 1, vector: [1, 2, 3] }] }, "invalid_request"],
      [{ items: [{ id: "n", vector: [1, 2, 3], metadata: "x" }] }, "invalid_request"],
    ])("refuses %j as %s", async (body, code) => {
      await makeWorkers();
      const answer = await ask("POST", `${url}/workers/add`, body);
      expect(answer).toMatchObject({ status: 400, body: { code } });
      if (code === "invalid_request") expect(answer.body.details[0].path).toMatch(/^items/);
    });

    it("is not for an index that is not there, whose body is not even read", async () => {
      await using client = await openRawConnection(vectord.origin);
      client.send(
        "POST /vectors/index/none/add HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n",
      );
      await client.receives(/404[\s\S]*index_not_found/);
    });

    it("ends at max_add_bytes, by Content-Length or mid-stream", async () => {
      await makeWorkers();
      const big = await ask("POST", `${url}/workers/add`, `{"items":[${" ".repeat(2 ** 20)}]}`);
      expect(big).toMatchObject({
        status: 413,
        body: { code: "payload_too_large", details: { limit_bytes: 2 ** 20 } },
      });
      await using client = await openRawConnection(vectord.origin);
      client.send(
        "POST /vectors/index/workers/add HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
      );
      for (let i = 0; i < 17; i++) client.send(`10000\r\n${" ".repeat(2 ** 16)}\r\n`);
      await client.receives(/413[\s\S]*payload_too_large/);
    });

    it("takes a body without a Content-Length, and one that curl calls a form", async () => {
      await makeWorkers();
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(Buffer.from('{"items":[{"id":"s","vec'));
          controller.enqueue(Buffer.from('tor":[1,1,1]}]}'));
          controller.close();
        },
      });
      const init = {
        method: "POST",
        body,
        duplex: "half",
        headers: { "content-type": "application/x-www-form-urlencoded" },
      };
      const response = await fetch(`${url}/workers/add`, init as RequestInit);
      expect(await response.json()).toEqual({ added: 1, updated: 0, count: 5 });
    });

    it("of one id twice at once ends in one of both, whole", async () => {
      await ask("POST", url, { name: "race", dimension: 2 });
      const vectors = Array.from({ length: 20 }, (_, i) => [i + 1, 1]);
      await Promise.all(vectors.map((vector, i) => add("race", [{ id: "same", vector, metadata: { i } }])));
      const { vector, metadata } = (await ask("GET", `${url}/race/items/same`)).body;
      expect(vector).toEqual([metadata.i + 1, 1]);
      expect((await ask("GET", `${url}/race`)).body.count).toBe(1);
      expect((await search("race", { vector: [1, 1], k: 10 })).body.results).toHaveLength(1);
    });

    it("of keys that mean something to JavaScript keeps them as keys", async () => {
      await ask("POST", url, { name: "odd", dimension: 1 });
      const item = '{"id":"__proto__","vector":[1],"metadata":{"__proto__":{"x":1},"constructor":"c"}}';
      await ask("POST", `${url}/odd/add`, `{"items":[${item},{"id":"constructor","vector":[2]}]}`);
      const response = await fetch(`${url}/odd/items/__proto__`);
      expect(await response.text()).toBe(item);
      expect(await ids("odd", '{"vector":[1],"filter":{"constructor":"c"}}')).toEqual(["__proto__"]);
      expect(await ids("odd", '{"vector":[1],"filter":{"__proto__":"c"}}')).toEqual([]);
      expect((await ask("GET", `${url}/__proto__`)).status).toBe(404);
    });
  });

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
      await ask("POST", url, { name: "many", dimension: 2 });
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
      await ask("POST", url, { name: "many", dimension: 4, distance: "l2" });
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
      const deleted = await ask("POST", `${url}/workers/delete`, { ids: workers.map(({ id }) => id) });
      expect(deleteItemsResultSchema.strict().parse(deleted.body)).toEqual({ deleted: 4, count: 0 });
      expect(await ids("workers", { vector: [1, 0, 0] })).toEqual([]);
      await add("workers", workers);
      expect(await ids("workers", { vector: [1, 0, 0], k: 1 })).toEqual(["w-1"]);
    });
  });

  describe("items", () => {
    it("come back as they were given", async () => {
      await makeWorkers();
      const { status, body } = await ask("GET", `${url}/workers/items/w-3`);
      expect([status, storedItemSchema.strict().parse(body)]).toEqual([200, workers[2]]);
      expect(await ask("GET", `${url}/workers/items/none`)).toMatchObject({
        status: 404,
        body: { code: "item_not_found" },
      });
    });

    it("have ids of any characters", async () => {
      await ask("POST", url, { name: "odd", dimension: 1 });
      const odd = ["a/b", "ä ö", "100%", "😀", '"', "\n", "x".repeat(256)];
      await add(
        "odd",
        odd.map((id) => ({ id, vector: [1] })),
      );
      for (const id of odd) {
        expect((await ask("GET", `${url}/odd/items/${encodeURIComponent(id)}`)).body).toEqual({
          id,
          vector: [1],
          metadata: {},
        });
      }
      expect((await ask("POST", `${url}/odd/delete`, { ids: odd })).body).toEqual({ deleted: odd.length, count: 0 });
    });

    it("are deleted once, whatever else is asked", async () => {
      await makeWorkers();
      const answer = await ask("POST", `${url}/workers/delete`, { ids: ["w-1", "w-1", "none"] });
      expect(answer.body).toEqual({ deleted: 1, count: 3 });
      expect(await ask("POST", `${url}/workers/delete`, { ids: "w-2" })).toMatchObject({ status: 400 });
      expect(await ask("POST", `${url}/none/delete`, { ids: [] })).toMatchObject({ status: 404 });
    });
  });

  it("answers /health at once while 10,000 vectors are added", async () => {
    await using large = await openVectord({ maxAddBytes: 2 ** 26, engine });
    await ask("POST", large.url, { name: "big", dimension: 64 });
    const items = Array.from({ length: 10_000 }, (_, i) => ({
      id: `${i}`,
      vector: Array.from({ length: 64 }, (_, j) => ((i * 31 + j * 17) % 997) + 0.5),
    }));
    const body = JSON.stringify({ items });
    let done = false;
    const startedAt = performance.now();
    const added = ask("POST", `${large.url}/big/add`, body).finally(() => {
      done = true;
    });
    let slowest = 0;
    let probes = 0;
    while (!done) {
      const started = performance.now();
      await ask("GET", `${large.origin}/health`);
      slowest = Math.max(slowest, performance.now() - started);
      probes += 1;
    }
    expect((await added).body).toEqual({ added: 10_000, updated: 0, count: 10_000 });
    expect(probes).toBeGreaterThan(3);
    // The machine is busy with other tests, so the bench holds the 50 ms; here none may have waited for the add.
    expect(slowest).toBeLessThan((performance.now() - startedAt) / 2);
  });
});
