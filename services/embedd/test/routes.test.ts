import { EmbedClient } from "@lakehouse/clients";
import { embedResultSchema, embedStatsSchema } from "@lakehouse/contracts";
import { describe, expect, it } from "vitest";
import { embedded, length, metric, openEmbedd, refused } from "./open-embedd.ts";

describe("POST /embed with the hashing provider", () => {
  it("answers as the contract says: in order, of length 1, the same every time", async () => {
    await using embedd = await openEmbedd();
    const texts = ["welder in Boston", "nurse", "welder in Boston", "日本語", "!?", " "];
    const answer = embedResultSchema.parse(await embedded(embedd.post({ texts })));
    expect([answer.model, answer.dimension, answer.vectors.length]).toEqual(["hashing-v1", 768, texts.length]);
    expect(answer.vectors[0]).toEqual(answer.vectors[2]);
    expect(answer.vectors[0]).not.toEqual(answer.vectors[1]);
    for (const vector of answer.vectors) {
      expect(vector).toHaveLength(768);
      expect(length(vector)).toBeCloseTo(1, 6);
      // Each number is a float32 to the last digit that tells it apart.
      for (const number of vector) expect(number).toBeCloseTo(Math.fround(number), 9);
    }
    await using other = await openEmbedd({ cache_size: 0 });
    expect(await embedded(other.post({ texts: [...texts].reverse() }))).toEqual({
      ...answer,
      vectors: [...answer.vectors].reverse(),
    });
  });

  it("has the dimension that is configured, and the name that is asked for", async () => {
    await using embedd = await openEmbedd({ dimension: 64, model: "mine" });
    expect(await embedd.get("/embed/stats")).toMatchObject({ provider: "hashing", model: "mine", dimension: 64 });
    expect(await embedded(embedd.post({ texts: ["a"] }))).toMatchObject({ model: "mine", dimension: 64 });
    expect(await embedded(embedd.post({ texts: ["a"], model: "other" }))).toMatchObject({
      model: "other",
      dimension: 64,
    });
    expect(await embedd.get("/embed/stats")).toMatchObject({ misses: 2, size: 2 });
  });

  it.each([
    ["no texts", {}, "texts"],
    ["an empty list", { texts: [] }, "texts"],
    ["an empty text", { texts: ["a", ""] }, "texts.1"],
    ["something else than texts", { texts: ["a", 1] }, "texts.1"],
    ["one text without its list", { texts: "a" }, "texts"],
    ["too many texts", { texts: ["a", "b", "c", "d"] }, "texts"],
    ["a text of too many bytes", { texts: ["é".repeat(51)] }, "texts.0"],
    ["a model that is no name", { texts: ["a"], model: 1 }, "model"],
    ["an empty model", { texts: ["a"], model: "" }, "model"],
    ["a key that is misspelt", { texts: ["a"], modle: "x" }, ""],
    ["a list", [], ""],
  ])("refuses %s", async (_what, body, path) => {
    await using embedd = await openEmbedd({ max_batch: 3, max_text_bytes: 100 });
    const answer = await refused(embedd.post(body));
    expect(answer).toMatchObject({ status: 400, code: "invalid_request" });
    expect(answer.details).toEqual([{ path, message: expect.any(String) }]);
  });

  it("takes what is just within the limits", async () => {
    await using embedd = await openEmbedd({ max_batch: 3, max_text_bytes: 100 });
    expect((await embedded(embedd.post({ texts: ["é".repeat(50), "b", "c"] }))).vectors).toHaveLength(3);
  });

  it("takes a full batch of the longest texts, however their letters are escaped", async () => {
    await using embedd = await openEmbedd({ max_batch: 4, max_text_bytes: 400_000 });
    const escaped = "\\u0436".repeat(200_000);
    const answer = await embedded(embedd.post(`{"texts":["${Array(4).fill(escaped).join('","')}"]}`));
    expect(answer.vectors).toHaveLength(4);
  });

  it("refuses what is no JSON, and a body that no batch needs", async () => {
    await using embedd = await openEmbedd({ max_batch: 2, max_text_bytes: 1_000 });
    expect(await refused(embedd.post('{"texts":'))).toMatchObject({ status: 400, code: "invalid_json" });
    expect(await refused(embedd.post({ texts: ["x".repeat(200_000)] }))).toMatchObject({
      status: 413,
      code: "payload_too_large",
    });
    expect((await fetch(`${embedd.url}/embed`)).status).toBe(405);
  });

  it("takes JSON from a curl that names no type", async () => {
    await using embedd = await openEmbedd();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    await embedded(embedd.post({ texts: ["a"] }, { headers }));
  });

  it("embeds half a surrogate pair as the sign for what can't be read", async () => {
    await using embedd = await openEmbedd();
    const { vectors } = await embedded(embedd.post('{"texts":["a \\ud800","a \\ufffd"]}'));
    expect(vectors[0]).toEqual(vectors[1]);
  });

  it("ends a batch at its time: 504", async () => {
    await using embedd = await openEmbedd({ batch_timeout: 1 });
    const texts = Array.from({ length: 200 }, (_, index) => `${index} ${"lorem ipsum dolor ".repeat(1_500)}`);
    expect(await refused(embedd.post({ texts }))).toMatchObject({ status: 504, code: "upstream_timeout" });
  });

  it("answers others in between while it hashes a large batch", async () => {
    await using embedd = await openEmbedd();
    const words = (seed: number) =>
      Array.from({ length: 4_000 }, (_, index) => ((index * 7_919 + seed) ** 2).toString(36));
    const texts = Array.from({ length: 100 }, (_, index) => words(index).join(" ").slice(0, 32_000));
    let isDone = false;
    const batch = embedded(embedd.post({ texts })).finally(() => {
      isDone = true;
    });
    let answersInBetween = 0;
    while (!isDone) answersInBetween += Number((await metric(embedd.url, "embedd_texts_waiting")) > 0);
    expect((await batch).vectors).toHaveLength(100);
    expect(answersInBetween).toBeGreaterThan(3);
  });
});

describe("GET /embed/stats", () => {
  it("counts by text", async () => {
    await using embedd = await openEmbedd({ cache_size: 3 });
    expect(embedStatsSchema.parse(await embedd.get("/embed/stats"))).toEqual({
      enabled: true,
      hits: 0,
      misses: 0,
      hit_rate: 0,
      size: 0,
      capacity: 3,
      provider: "hashing",
      model: "hashing-v1",
      dimension: 768,
    });
    await embedded(embedd.post({ texts: ["a", "b"] }));
    await embedded(embedd.post({ texts: ["b", "c", "d"] }));
    expect(await embedd.get("/embed/stats")).toMatchObject({ hits: 1, misses: 4, hit_rate: 0.2, size: 3 });
  });

  it("is in the metrics too, with the calls to the provider", async () => {
    await using embedd = await openEmbedd();
    for (let time = 0; time < 2; time++) await embedded(embedd.post({ texts: ["a", "b"] }));
    const metrics = await (await fetch(`${embedd.url}/metrics`)).text();
    for (const line of [
      /^embedd_cache_hits_total\{.*\} 2$/m,
      /^embedd_cache_misses_total\{.*\} 2$/m,
      /^embedd_cache_entries\{.*\} 2$/m,
      /^embedd_texts_waiting\{.*\} 0$/m,
      /^embedd_provider_texts_total\{.*\} 2$/m,
      /^embedd_provider_call_duration_seconds_count\{.*outcome="ok".*\} 1$/m,
    ]) {
      expect(metrics).toMatch(line);
    }
  });
});

it("the typed client speaks to it", async () => {
  await using embedd = await openEmbedd();
  const client = new EmbedClient({ baseUrl: embedd.url, token: "", timeoutMs: 5_000 });
  const context = { requestId: "r-1", signal: AbortSignal.timeout(10_000) };
  const { vectors } = await client.embed({ texts: ["a", "b"] }, context);
  expect(vectors).toHaveLength(2);
  expect((await client.stats(context)).misses).toBe(2);
  await client.ping(context);
  await expect(client.embed({ texts: [""] }, context)).rejects.toMatchObject({ code: "invalid_request" });
  await client.close();
});
