import { answerJson, eventually, freePort, startFakeUpstream } from "@lakehouse/testing";
import { MODEL, rawVector, startFakeOllama, unit } from "@lakehouse/testing/ollama-embeddings";
import { describe, expect, it } from "vitest";
import { embedded, length, openEmbedd, refused } from "./open-embedd.ts";

const provider = "ollama" as const;

/** What JSON numbers of few digits can differ by. */
const closeTo = (vector: readonly number[]) => vector.map((number) => expect.closeTo(number, 6));

describe("embedd with Ollama", () => {
  it("embeds a batch in order, under the default model, and learns its dimension", async () => {
    await using ollama = await startFakeOllama();
    await using embedd = await openEmbedd({ provider, ollama_url: ollama.url });
    expect(await embedd.get("/embed/stats")).toMatchObject({ provider, model: MODEL, dimension: null });
    const answer = await embedded(embedd.post({ texts: ["b", "a", "c"] }, { headers: { "x-request-id": "r-7" } }));
    expect(answer).toEqual({
      model: MODEL,
      dimension: 8,
      vectors: ["b", "a", "c"].map((text) => closeTo(unit(rawVector(text)))),
    });
    expect(ollama.asked()).toEqual([["b", "a", "c"]]);
    expect(ollama.requests[0]?.headers["x-request-id"]).toBe("r-7");
    expect(await embedd.get("/embed/stats")).toMatchObject({ dimension: 8 });
  });

  it("asks an old server text by text, and gives the same vectors: of length 1, though they come as they are", async () => {
    await using old = await startFakeOllama({ isOld: true });
    await using current = await startFakeOllama();
    await using embedd = await openEmbedd({ provider, ollama_url: old.url });
    await using other = await openEmbedd({ provider, ollama_url: current.url });
    const texts = ["a", "b", "c"];
    const answer = await embedded(embedd.post({ texts }));
    expect(old.asked()).toEqual([texts, ["a"], ["b"], ["c"]]);
    for (const vector of answer.vectors) expect(length(vector)).toBeCloseTo(1, 6);
    expect(answer).toEqual(await embedded(other.post({ texts })));
  });

  it("asks for what the cache has not, and once for what comes twice", async () => {
    await using ollama = await startFakeOllama();
    await using embedd = await openEmbedd({ provider, ollama_url: ollama.url });
    await embedded(embedd.post({ texts: ["a", "b"] }));
    const { vectors } = await embedded(embedd.post({ texts: ["c", "a", "c", "d"] }));
    expect(ollama.asked()).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
    expect(vectors).toEqual(["c", "a", "c", "d"].map((text) => closeTo(unit(rawVector(text)))));
    expect(await embedd.get("/embed/stats")).toMatchObject({ hits: 1, misses: 5, hit_rate: 1 / 6, size: 4 });
  });

  it("keeps models apart, as the request names them", async () => {
    await using ollama = await startFakeUpstream(({ body }, response) => {
      const { model, input } = JSON.parse(String(body)) as { model: string; input: string[] };
      answerJson(response, 200, { embeddings: input.map(() => (model === "two" ? [1, 0] : [0, 0, 1])) });
    });
    await using embedd = await openEmbedd({ provider, ollama_url: ollama.url, model: "three" });
    const texts = ["a"];
    expect(await embedded(embedd.post({ texts }))).toEqual({ model: "three", dimension: 3, vectors: [[0, 0, 1]] });
    expect(await embedded(embedd.post({ texts, model: "two" }))).toMatchObject({ dimension: 2, vectors: [[1, 0]] });
    expect(await embedded(embedd.post({ texts }))).toMatchObject({ dimension: 3 });
    expect(ollama.requests).toHaveLength(2);
  });

  it("remembers nothing with a cache_size of 0", async () => {
    await using ollama = await startFakeOllama();
    await using embedd = await openEmbedd({ provider, ollama_url: ollama.url, cache_size: 0 });
    for (let time = 0; time < 2; time++) await embedded(embedd.post({ texts: ["a"] }));
    expect(ollama.asked()).toHaveLength(2);
    expect(await embedd.get("/embed/stats")).toMatchObject({
      enabled: false,
      hits: 0,
      misses: 0,
      size: 0,
      capacity: 0,
    });
  });

  it("tries again while the queue is full, and says so when it stays full", async () => {
    await using patient = await startFakeOllama({ busyTimes: 2 });
    await using embedd = await openEmbedd({ provider, ollama_url: patient.url });
    await embedded(embedd.post({ texts: ["a"] }));
    expect(patient.asked()).toHaveLength(3);

    await using full = await startFakeOllama({ busyTimes: Number.POSITIVE_INFINITY });
    await using other = await openEmbedd({ provider, ollama_url: full.url });
    expect(await refused(other.post({ texts: ["a"] }))).toMatchObject({
      status: 502,
      code: "upstream_error",
      error: expect.stringContaining("maximum pending requests exceeded"),
      details: { upstream: provider, status: 503 },
    });
    expect(full.asked()).toHaveLength(3);
  });

  it.each(["a text that is too long", "a text whose vector is NaN"])(
    "names %s, keeps the others, and remembers no failure",
    async (bad) => {
      await using ollama = await startFakeOllama();
      await using embedd = await openEmbedd({ provider, ollama_url: ollama.url });
      const texts = ["a", "b", "c", "d", "e", bad, "f"];
      for (let time = 0; time < 2; time++) {
        expect(await refused(embedd.post({ texts }))).toMatchObject({
          status: 502,
          code: "upstream_error",
          details: { upstream: provider, position: 5 },
        });
      }
      expect(ollama.asked().at(-1)).toEqual([bad]);
      const before = ollama.asked().length;
      await embedded(embedd.post({ texts: texts.filter((text) => text !== bad) }));
      expect(ollama.asked()).toHaveLength(before);
    },
  );

  it("does not look for the text at fault for ever", async () => {
    await using ollama = await startFakeOllama();
    await using embedd = await openEmbedd({ provider, ollama_url: ollama.url });
    const texts = Array.from({ length: 64 }, (_, index) => `${index} is too long`);
    expect(await refused(embedd.post({ texts }))).toMatchObject({ status: 502, code: "upstream_error" });
    expect(ollama.asked().length).toBeLessThanOrEqual(16);
  });

  it("says that there is no such model", async () => {
    await using ollama = await startFakeOllama();
    await using embedd = await openEmbedd({ provider, ollama_url: ollama.url });
    expect(await refused(embedd.post({ texts: ["a"], model: "nope" }))).toMatchObject({
      status: 502,
      code: "upstream_error",
      error: 'ollama answered 404. It says: model "nope" not found, try pulling it first',
    });
  });

  it.each([
    ["NaN", '{"embeddings":[[1,NaN]]}', /JSON/],
    ["null in a vector", '{"embeddings":[[1,null]]}', /finite/],
    ["a number beyond floating point", '{"embeddings":[[1,1e999]]}', /finite/],
    ["a vector of nothing but zeros", '{"embeddings":[[0,0]]}', /zero/],
    ["no vector", '{"embeddings":[]}', /0 vectors for 1 texts/],
    ["a vector too many", '{"embeddings":[[1,2],[3,4]]}', /2 vectors for 1 texts/],
    ["another dimension than is configured", '{"embeddings":[[1,2,3]]}', /3 numbers where nomic-embed-text has 2/],
    ["something else", '{"models":[]}', /list of vectors/],
    ["a web page", "<html>", /JSON/],
  ])("does not pass on %s", async (_what, body, reason) => {
    await using ollama = await startFakeUpstream((_request, response) => void response.end(body));
    await using embedd = await openEmbedd({ provider, ollama_url: ollama.url, dimension: 2 });
    expect(await refused(embedd.post({ texts: ["a"] }))).toMatchObject({
      status: 502,
      code: "bad_upstream_answer",
      error: expect.stringMatching(reason),
      details: { upstream: provider },
    });
    expect(await embedd.get("/embed/stats")).toMatchObject({ size: 0 });
  });

  it("takes an error inside a success for what it is", async () => {
    await using ollama = await startFakeUpstream((_request, response) =>
      answerJson(response, 200, { error: "no slots" }),
    );
    await using embedd = await openEmbedd({ provider, ollama_url: ollama.url });
    expect(await refused(embedd.post({ texts: ["a"] }))).toMatchObject({ status: 502, code: "upstream_error" });
  });

  it("holds a model to the dimension of its first good answer", async () => {
    const answers = [[[1, 2, 3]], [[1, 2]], [[3, 2, 1]]];
    await using ollama = await startFakeUpstream((_request, response) =>
      answerJson(response, 200, { embeddings: answers.shift() }),
    );
    await using embedd = await openEmbedd({ provider, ollama_url: ollama.url });
    expect((await embedded(embedd.post({ texts: ["a"] }))).dimension).toBe(3);
    expect(await refused(embedd.post({ texts: ["b"] }))).toMatchObject({
      status: 502,
      code: "bad_upstream_answer",
      details: { position: 0 },
    });
    expect((await embedded(embedd.post({ texts: ["b"] }))).dimension).toBe(3);
  });

  it("says who can't be reached, also at /ready, and recovers by itself", async () => {
    const port = await freePort();
    await using embedd = await openEmbedd({ provider, ollama_url: `http://127.0.0.1:${port}` });
    expect(await refused(embedd.post({ texts: ["a"] }))).toMatchObject({
      status: 502,
      code: "upstream_unavailable",
      details: { upstream: provider },
    });
    const ready = await fetch(`${embedd.url}/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([503, { status: "unavailable" }]);

    await using _ollama = await startFakeUpstream(
      (_request, response) => answerJson(response, 200, { embeddings: [[3, 4]] }),
      port,
    );
    expect((await embedded(embedd.post({ texts: ["a"] }))).vectors).toEqual([
      [expect.closeTo(0.6), expect.closeTo(0.8)],
    ]);
    expect(await embedd.get("/ready")).toMatchObject({ status: "ok" });
  });

  it("ends a batch at its time, 504, and the call to Ollama with it", async () => {
    let closed = false;
    await using ollama = await startFakeUpstream(async ({ method }, response) => {
      if (method === "GET") return answerJson(response, 200, {}); // whether it is there
      response.on("close", () => {
        closed = true;
      });
      await new Promise(() => {});
    });
    await using embedd = await openEmbedd({ provider, ollama_url: ollama.url, batch_timeout: 150 });
    expect(await refused(embedd.post({ texts: ["a", "b"] }))).toMatchObject({
      status: 504,
      code: "upstream_timeout",
      details: { upstream: provider },
    });
    await eventually("the call is given up", () => closed);
    expect(await embedd.get("/embed/stats")).toMatchObject({ size: 0 });
  });

  it("bounds the whole batch, not each of its calls", async () => {
    await using ollama = await startFakeUpstream(async ({ body }, response) => {
      await new Promise((resolve) => setTimeout(resolve, 80)); // each call is well within the time, all of them are not
      const { input } = JSON.parse(String(body)) as { input: string[] };
      answerJson(response, 200, { embeddings: input.map(() => [1]) });
    });
    await using embedd = await openEmbedd({ provider, ollama_url: ollama.url, batch_timeout: 200 });
    const texts = Array.from({ length: 128 }, (_, index) => `${index} ${"x".repeat(32_000)}`);
    expect(await refused(embedd.post({ texts }))).toMatchObject({ status: 504, code: "upstream_timeout" });
  });
});
