import { downgradeSchema } from "@lakehouse/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Matrixd, openMatrixd } from "./open-matrixd.ts";
import { type Peers, startPeers } from "./peers.ts";

let peers: Peers;
let matrixd: Matrixd;

beforeAll(async () => {
  peers = await startPeers();
  const models = { local_fast: "tiny:1b", local_hot: "also-tiny:2b", weak_models: ["local_fast", "also-tiny:2b"] };
  matrixd = await openMatrixd({ matrixd: peers.urls, models });
  await peers.fill("east", [
    { id: "e-1", vector: [1, 0, 0], metadata: { open: false } },
    { id: "e-2", vector: [0, 1, 0], metadata: { open: true } },
  ]);
  await peers.fill("west", [{ id: "w-1", vector: [0.8, 0.6, 0], metadata: { open: true } }]);
  await peers.fill("flat", [{ id: "f-1", vector: [1, 0] }]);
  await peers.fill("squared", [{ id: "s-1", vector: [1, 0, 0] }], { distance: "l2" });
  await peers.fillTexts("resumes", { welder: "Welder in Toledo, MIG and TIG" });
  await peers.fillTexts("recipes", { soup: "Onion soup with butter and a bay leaf" });
});
afterAll(async () => {
  await matrixd[Symbol.asyncDispose]();
  await peers[Symbol.asyncDispose]();
});

const corpora = ["west", "east"];
const near = { east: [1, 0, 0], west: [0.8, 0.6, 0] };
const downgrade = async (body: object) => downgradeSchema.strict().parse(await matrixd.succeed("downgrade", body));

describe("POST /matrix/downgrade", () => {
  it.each(["tiny:1b", "local_fast", "also-tiny:2b", "local_hot", "ollama/tiny:1b"])(
    "leaves the whole matrix to the weak %s",
    async (model) => {
      for (const query of [{}, { query_vector: near.east }]) {
        expect(await downgrade({ model, corpora, ...query })).toMatchObject({ downgraded: false, corpora });
      }
    },
  );

  it("cuts a strong model to the corpus with the nearest hit", async () => {
    for (const corpus of ["east", "west"] as const) {
      const answer = await downgrade({ model: "frontier_arch", corpora, query_vector: near[corpus] });
      expect(answer).toMatchObject({ downgraded: true, corpora: [corpus] });
      expect(answer.reason).toContain(corpus);
    }
    const both = ["recipes", "resumes"];
    const text = await downgrade({ model: "big", corpora: both, query_text: "TIG welder in Toledo" });
    expect(text.corpora).toEqual(["resumes"]);
  });

  it("cuts to the corpus that is named first where there is no query", async () => {
    expect(await downgrade({ model: "big", corpora })).toMatchObject({ downgraded: true, corpora: ["west"] });
    // Nothing is asked of anybody: it need not exist.
    expect((await downgrade({ model: "big", corpora: ["nowhere", "east"] })).corpora).toEqual(["nowhere"]);
  });

  it("has nothing to cut where there is one corpus", async () => {
    const answer = await downgrade({ model: "big", corpora: ["east", "east"], query_vector: near.west });
    expect(answer).toMatchObject({ downgraded: false, corpora: ["east"] });
  });

  it("does not compare what does not compare, and fails where a corpus does", async () => {
    const query_vector = near.east;
    for (const other of ["flat", "squared"]) {
      const answer = await matrixd.post("downgrade", { model: "big", corpora: ["east", other], query_vector });
      expect(answer).toMatchObject({ status: 400, body: { code: "corpora_incomparable" } });
    }
    const answer = await matrixd.post("downgrade", { model: "big", corpora: ["east", "nowhere"], query_vector });
    expect(answer).toMatchObject({ status: 502, body: { code: "corpus_failed", details: { corpus: "nowhere" } } });
  });

  it.each([
    ["no model", { corpora }],
    ["an empty one", { model: "", corpora }],
    ["no corpora", { model: "big" }],
    ["an empty list of them", { model: "big", corpora: [] }],
    ["a key that is misspelt", { model: "big", corpora, query: "x" }],
  ])("refuses %s", async (_what, body) => {
    expect(await matrixd.post("downgrade", body)).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  });
});

describe("POST /matrix/search with a model", () => {
  const search = (body: object) => matrixd.succeed("search", { query_vector: near.east, corpora, ...body });
  const found = (answer: { results: { corpus: string; id: string }[] }) =>
    answer.results.map(({ corpus, id }) => `${corpus}/${id}`);

  it("gives a weak one all corpora, and says so", async () => {
    const answer = await search({ model: "local_fast" });
    expect(found(answer)).toEqual(["east/e-1", "west/w-1", "east/e-2"]);
    expect(answer.downgrade).toMatchObject({ downgraded: false, corpora });
  });

  it("gives a strong one the most relevant alone, and counts only that", async () => {
    const answer = await search({ model: "big" });
    expect(found(answer)).toEqual(["east/e-1", "east/e-2"]);
    expect(answer.per_corpus_counts).toEqual({ east: 2 });
    expect(answer.downgrade).toMatchObject({ downgraded: true, corpora: ["east"] });
  });

  it("decides among the hits that the filter lets pass", async () => {
    expect(found(await search({ model: "big", filter: { open: true } }))).toEqual(["west/w-1"]);
    expect(await search({ model: "big", filter: { open: "never" } })).toMatchObject({
      results: [],
      downgrade: { corpora: ["west"] },
    });
  });

  it("says nothing of it where no model is named", async () => {
    expect(await search({})).not.toHaveProperty("downgrade");
  });

  it("takes the first of corpora that are only ranked, where they don't compare", async () => {
    const asked = { corpora: ["squared", "east"], fusion: "rrf", model: "big" };
    expect(found(await search(asked))).toEqual(["squared/s-1"]);
    expect(found(await search({ ...asked, corpora }))).toEqual(["east/e-1", "east/e-2"]);
  });
});
