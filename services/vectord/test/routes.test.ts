import { addItemsResultSchema, indexInfoSchema, indexListSchema } from "@lakehouse/contracts";
import { ask, openRawConnection } from "@lakehouse/testing";
import { describe, expect, it } from "vitest";
import { openVectord } from "./open-vectord.ts";
import { add, describeEngines, ids, makeWorkers, search, served, workers } from "./workers.ts";

describeEngines((engine) => {
  describe("an index", () => {
    it("is made with defaults, shown, listed by name and deleted", async () => {
      const made = await ask("POST", served.url, { name: "workers", dimension: 3 });
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
      await ask("POST", served.url, {
        name: "a.b-c_D",
        dimension: 4096,
        distance: "l2",
        m: 8,
        ef_construction: 50,
        ef_search: 20,
      });
      const list = await ask("GET", served.url);
      expect(
        indexListSchema
          .strict()
          .parse(list.body)
          .indexes.map(({ name }) => name),
      ).toEqual(["a.b-c_D", "workers"]);
      expect(list.body.count).toBe(2);
      expect((await ask("GET", `${served.url}/workers`)).body).toEqual(made.body);
      expect((await ask("DELETE", `${served.url}/workers`)).status).toBe(204);
      for (const method of ["GET", "DELETE"]) {
        expect(await ask(method, `${served.url}/workers`)).toMatchObject({
          status: 404,
          body: { code: "index_not_found" },
        });
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
      expect(await ask("POST", served.url, body)).toMatchObject({ status: 400, body: { code } });
    });

    it("is made once, also by two at the same moment", async () => {
      const answers = await Promise.all([1, 2, 3].map(() => ask("POST", served.url, { name: "one", dimension: 3 })));
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
      expect(answers.find(({ status }) => status === 409)!.body.code).toBe("index_exists");
    });

    it("of one name after another is another", async () => {
      await makeWorkers();
      await ask("DELETE", `${served.url}/workers`);
      await ask("POST", served.url, { name: "workers", dimension: 2 });
      expect((await ask("GET", `${served.url}/workers`)).body).toMatchObject({ count: 0, dimension: 2 });
      expect((await search("workers", { vector: [1, 0] })).body).toEqual({ results: [] });
    });
  });

  describe("adding", () => {
    it("tells added from updated, and moves updated_at", async () => {
      await ask("POST", served.url, { name: "workers", dimension: 3 });
      const before = (await ask("GET", `${served.url}/workers`)).body;
      const first = await add("workers", workers.slice(0, 3));
      expect(addItemsResultSchema.strict().parse(first.body)).toEqual({ added: 3, updated: 0, count: 3 });
      expect((await add("workers", workers.slice(2))).body).toEqual({ added: 1, updated: 1, count: 4 });
      const after = (await ask("GET", `${served.url}/workers`)).body;
      expect(after).toMatchObject({ count: 4, created_at: before.created_at });
      expect(Date.parse(after.updated_at)).toBeGreaterThanOrEqual(Date.parse(before.updated_at));
      expect((await add("workers", [])).body).toEqual({ added: 0, updated: 0, count: 4 });
    });

    it("replaces an item: metadata left out stays, {} clears it", async () => {
      await makeWorkers();
      await add("workers", [{ id: "w-1", vector: [0, 0, 2] }]);
      expect((await ask("GET", `${served.url}/workers/items/w-1`)).body).toEqual({ ...workers[0], vector: [0, 0, 2] });
      await add("workers", [{ id: "w-1", vector: [0, 0, 2], metadata: {} }]);
      expect((await ask("GET", `${served.url}/workers/items/w-1`)).body.metadata).toEqual({});
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
      expect((await ask("GET", `${served.url}/workers`)).body.count).toBe(4);
      expect((await ask("GET", `${served.url}/workers/items/n`)).status).toBe(404);
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
      const answer = await ask("POST", `${served.url}/workers/add`, body);
      expect(answer).toMatchObject({ status: 400, body: { code } });
      if (code === "invalid_request") expect(answer.body.details[0].path).toMatch(/^items/);
    });

    it("is not for an index that is not there, whose body is not even read", async () => {
      await using client = await openRawConnection(served.origin);
      client.send(
        "POST /vectors/index/none/add HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n",
      );
      await client.receives(/404[\s\S]*index_not_found/);
    });

    it("ends at max_add_bytes, by Content-Length or mid-stream", async () => {
      await makeWorkers();
      const big = await ask("POST", `${served.url}/workers/add`, `{"items":[${" ".repeat(2 ** 20)}]}`);
      expect(big).toMatchObject({
        status: 413,
        body: { code: "payload_too_large", details: { limit_bytes: 2 ** 20 } },
      });
      await using client = await openRawConnection(served.origin);
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
      const response = await fetch(`${served.url}/workers/add`, init as RequestInit);
      expect(await response.json()).toEqual({ added: 1, updated: 0, count: 5 });
    });

    it("of one id twice at once ends in one of both, whole", async () => {
      await ask("POST", served.url, { name: "race", dimension: 2 });
      const vectors = Array.from({ length: 20 }, (_, i) => [i + 1, 1]);
      await Promise.all(vectors.map((vector, i) => add("race", [{ id: "same", vector, metadata: { i } }])));
      const { vector, metadata } = (await ask("GET", `${served.url}/race/items/same`)).body;
      expect(vector).toEqual([metadata.i + 1, 1]);
      expect((await ask("GET", `${served.url}/race`)).body.count).toBe(1);
      expect((await search("race", { vector: [1, 1], k: 10 })).body.results).toHaveLength(1);
    });

    it("of keys that mean something to JavaScript keeps them as keys", async () => {
      await ask("POST", served.url, { name: "odd", dimension: 1 });
      const item = '{"id":"__proto__","vector":[1],"metadata":{"__proto__":{"x":1},"constructor":"c"}}';
      await ask("POST", `${served.url}/odd/add`, `{"items":[${item},{"id":"constructor","vector":[2]}]}`);
      const response = await fetch(`${served.url}/odd/items/__proto__`);
      expect(await response.text()).toBe(item);
      expect(await ids("odd", '{"vector":[1],"filter":{"constructor":"c"}}')).toEqual(["__proto__"]);
      expect(await ids("odd", '{"vector":[1],"filter":{"__proto__":"c"}}')).toEqual([]);
      expect((await ask("GET", `${served.url}/__proto__`)).status).toBe(404);
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
