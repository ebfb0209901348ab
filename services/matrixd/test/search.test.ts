import { indexInfoSchema, matrixSearchResultSchema } from "@lakehouse/contracts";
import { ask, succeed } from "@lakehouse/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Matrixd, openMatrixd } from "./open-matrixd.ts";
import { type Peers, startPeers } from "./peers.ts";

let peers: Peers;
let matrixd: Matrixd;

beforeAll(async () => {
  peers = await startPeers();
  matrixd = await openMatrixd({ matrixd: peers.urls });
  await peers.fill("east", [
    { id: "e-1", vector: [1, 0, 0], metadata: { state: "MA", years: 3 } },
    { id: "e-2", vector: [0.6, 0.8, 0], metadata: { state: "NY", years: 9 } },
    { id: "tie", vector: [0, 0, 1] },
  ]);
  await peers.fill("west", [
    { id: "w-1", vector: [0.8, 0.6, 0], metadata: { state: "CA", years: 5 } },
    { id: "w-2", vector: [-1, 0, 0], metadata: { state: "OR", years: 1 } },
    { id: "tie", vector: [0, 0, 1] },
  ]);
  await peers.fill("flat", [{ id: "f-1", vector: [1, 0] }]);
  await peers.fill("squared", [{ id: "s-1", vector: [9, 0, 0] }], { distance: "l2" });
  await peers.fillTexts("resumes", {
    welder: "Welder in Toledo, MIG and TIG",
    nurse: "Registered nurse in Denver, intensive care",
  });
  await peers.fillTexts("jobs", {
    shop: "A welding shop in Toledo hires a TIG welder",
    clinic: "A clinic in Boise looks for a receptionist",
  });
});
afterAll(async () => {
  await matrixd[Symbol.asyncDispose]();
  await peers[Symbol.asyncDispose]();
});

const query_vector = [1, 0, 0];
const corpora = ["east", "west"];
const found = ({ results }: { results: { corpus: string; id: string }[] }) =>
  results.map(({ corpus, id }) => `${corpus}/${id}`);

describe("POST /matrix/search", () => {
  it("merges all corpora by distance, ties by corpus, and keeps the corpus on each hit", async () => {
    const answer = matrixSearchResultSchema.strict().parse(await matrixd.succeed("search", { query_vector, corpora }));
    expect(found(answer)).toEqual(["east/e-1", "west/w-1", "east/e-2", "east/tie", "west/tie", "west/w-2"]);
    const distances = [0, 0.2, 0.4, 1, 1, 2];
    for (const [place, { distance }] of answer.results.entries()) expect(distance).toBeCloseTo(distances[place]!, 6);
    expect(answer.results[1]!.metadata).toEqual({ state: "CA", years: 5 });
    expect(answer.per_corpus_counts).toEqual({ east: 3, west: 3 });
  });

  it("breaks ties by corpus and id, not by the order in which corpora are named", async () => {
    const body = { query_vector: [0, 0, 1], corpora: ["west", "east"], k: 2 };
    expect(found(await matrixd.succeed("search", body))).toEqual(["east/tie", "west/tie"]);
  });

  it("cuts to k after the merge, and asks each corpus for k unless told how many", async () => {
    const cut = await matrixd.succeed("search", { query_vector, corpora, k: 2 });
    expect([found(cut), cut.per_corpus_counts]).toEqual([["east/e-1", "west/w-1"], { east: 2, west: 2 }]);
    const few = await matrixd.succeed("search", { query_vector, corpora, k: 5, per_corpus_k: 1 });
    expect([found(few), few.per_corpus_counts]).toEqual([["east/e-1", "west/w-1"], { east: 1, west: 1 }]);
    const many = await matrixd.succeed("search", { query_vector, corpora, k: 1, per_corpus_k: 1000 });
    expect([found(many), many.per_corpus_counts]).toEqual([["east/e-1"], { east: 3, west: 3 }]);
  });

  it("passes the filter on", async () => {
    const filter = { state: ["NY", "CA"], years: { gte: 5 } };
    const answer = await matrixd.succeed("search", { query_vector, corpora, filter });
    expect([found(answer), answer.per_corpus_counts]).toEqual([["west/w-1", "east/e-2"], { east: 1, west: 1 }]);
  });

  it("searches a corpus that is named twice once", async () => {
    const answer = await matrixd.succeed("search", { query_vector, corpora: ["east", "west", "east"], k: 2 });
    expect([found(answer), answer.per_corpus_counts]).toEqual([["east/e-1", "west/w-1"], { east: 2, west: 2 }]);
  });

  it("embeds a text once, and lets a vector win over it", async () => {
    const before = await succeed("GET", `${peers.embedd}/embed/stats`);
    const text = await matrixd.succeed("search", {
      query_text: "welder in Toledo",
      corpora: ["resumes", "jobs"],
      k: 2,
    });
    expect(new Set(found(text))).toEqual(new Set(["resumes/welder", "jobs/shop"]));
    const after = await succeed("GET", `${peers.embedd}/embed/stats`);
    expect(after).toMatchObject({ hits: before.hits, misses: before.misses + 1 });
    const vector = await matrixd.succeed("search", { query_text: "welder in Toledo", query_vector, corpora, k: 1 });
    expect(found(vector)).toEqual(["east/e-1"]);
  });

  it.each([
    ["no corpora", { query_vector }, "corpora"],
    ["an empty list of them", { query_vector, corpora: [] }, "corpora"],
    ["a name that no index could have", { query_vector, corpora: ["../x"] }, "corpora.0"],
    ["too many corpora", { query_vector, corpora: Array.from({ length: 65 }, (_, i) => `c-${i}`) }, "corpora"],
    ["no query", { corpora }, "query_text"],
    ["an empty text", { query_text: "", corpora }, "query_text"],
    ["a vector of texts", { query_vector: ["1"], corpora }, "query_vector"],
    ["a k of 0", { query_vector, corpora, k: 0 }, "k"],
    ["a k of 1001", { query_vector, corpora, k: 1001 }, "k"],
    ["a k that is no whole number", { query_vector, corpora, k: 1.5 }, "k"],
    ["a per_corpus_k of 1001", { query_vector, corpora, per_corpus_k: 1001 }, "per_corpus_k"],
    ["a filter that is none", { query_vector, corpora, filter: { years: { near: 3 } } }, "filter"],
    ["another fusion", { query_vector, corpora, fusion: "sum" }, "fusion"],
    ["a key that is misspelt", { query_vector, corpora, corpus: "east" }, ""],
  ])("refuses %s", async (_what, body, path) => {
    const answer = await matrixd.post("search", body);
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid_request" } });
    expect(answer.body.details[0].path).toMatch(new RegExp(`^${path}`));
  });

  it("says in its own words what embedd says of a text", async () => {
    const answer = await matrixd.post("search", { query_text: "x".repeat(40_000), corpora });
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid_request", details: [{ path: "query_text" }] } });
  });

  it.each([
    ["too short", [1, 0]],
    ["empty", []],
    ["without direction", [0, 0, 0]],
    ["past float32", [1e39, 0, 0]],
  ])("refuses a vector that is %s, and names a corpus that can't take it", async (_what, bad) => {
    const answer = await matrixd.post("search", { query_vector: bad, corpora });
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid_vector" } });
    expect(corpora).toContain(answer.body.details.corpus);
  });

  it("fails as a whole where one corpus fails, and names it", async () => {
    for (const asked of [["east", "nowhere"], ["nowhere"]]) {
      const answer = await matrixd.post("search", { query_vector, corpora: asked });
      expect(answer).toMatchObject({
        status: 502,
        body: { code: "corpus_failed", details: { corpus: "nowhere", cause: { code: "index_not_found" } } },
      });
    }
  });
});

describe("corpora that don't compare", () => {
  it.each([
    ["in dimension", ["east", "flat"]],
    ["in metric", ["squared", "east"]],
  ])("%s are refused", async (_how, asked) => {
    const answer = await matrixd.post("search", { query_vector, corpora: asked });
    expect(answer).toMatchObject({ status: 400, body: { code: "corpora_incomparable" } });
    expect(answer.body.details.corpora.map(({ corpus }: { corpus: string }) => corpus)).toEqual(asked);
  });

  it("are merged by rank where that is asked for", async () => {
    const body = { query_vector, corpora: ["west", "squared", "east"], fusion: "rrf", k: 4 };
    const answer = matrixSearchResultSchema.parse(await matrixd.succeed("search", body));
    expect(found(answer)).toEqual(["east/e-1", "squared/s-1", "west/w-1", "east/e-2"]);
    expect(answer.results.map(({ score }) => score)).toEqual([1 / 61, 1 / 61, 1 / 61, 1 / 62]);
    expect(answer.results[1]!.distance).toBe(64);
  });

  it("are judged by what they are now, also when one was made anew", async () => {
    const vector = [1, 0, 0];
    const asked = { query_vector: vector, corpora: ["east", "remade"] };
    await peers.fill("remade", [{ id: "r-1", vector }]);
    expect((await matrixd.post("search", asked)).status).toBe(200);
    await peers.fill("remade", [{ id: "r-1", vector }], { distance: "l2" });
    expect(await matrixd.post("search", asked)).toMatchObject({
      status: 400,
      body: { code: "corpora_incomparable" },
    });
    await peers.fill("remade", [{ id: "r-1", vector }]);
    expect((await matrixd.post("search", asked)).status).toBe(200);
  });
});

describe("GET /matrix/corpora", () => {
  it("lists the indexes", async () => {
    const { status, body } = await ask("GET", `${matrixd.origin}/matrix/corpora`);
    expect(status).toBe(200);
    expect(body.count).toBe(body.corpora.length);
    expect(body.corpora.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(["east", "flat", "squared", "west"]),
    );
    expect(indexInfoSchema.parse(body.corpora.find(({ name }: { name: string }) => name === "east"))).toMatchObject({
      dimension: 3,
      distance: "cosine",
      count: 3,
    });
  });
});
