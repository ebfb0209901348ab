import { matrixSearchResultSchema, recordPlaybookResultSchema } from "@lakehouse/contracts";
import { ask, startService, succeed } from "@lakehouse/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Matrixd, openMatrixd } from "./open-matrixd.ts";
import { type Peers, startPeers } from "./peers.ts";

let peers: Peers;
let matrixd: Matrixd;

beforeAll(async () => {
  peers = await startPeers();
  matrixd = await openMatrixd({ matrixd: peers.urls });
});
afterAll(async () => {
  await matrixd[Symbol.asyncDispose]();
  await peers[Symbol.asyncDispose]();
});

const past = "forklift operator in Chicago";
const again = "a forklift operator from Chicago";
const corpora = ["resumes", "notes"];

beforeEach(async () => {
  for (const { name } of (await succeed("GET", peers.indexes)).indexes) {
    await succeed("DELETE", `${peers.indexes}/${name}`);
  }
  await peers.fillTexts("resumes", {
    exact: "Forklift operator in Chicago",
    near: "Forklift operator, ten years in a Chicago warehouse",
    hired: "Drives lift trucks in Illinois, OSHA 30",
    cook: "Line cook in Boston, pastry and grill",
  });
  await peers.fillTexts("notes", { memo: "Operators in Chicago start at six", menu: "Onion soup and bread" });
});

const record = async (fields: object) =>
  recordPlaybookResultSchema.parse(
    await matrixd.succeed("playbooks/record", {
      query_text: past,
      answer_id: "hired",
      answer_corpus: "resumes",
      score: 1,
      ...fields,
    }),
  );
const search = async (fields: object = {}) =>
  matrixSearchResultSchema.parse(
    await matrixd.succeed("search", { query_text: again, corpora, k: 10, use_playbook: true, ...fields }),
  );
const found = ({ results }: { results: { id: string }[] }) => results.map(({ id }) => id);
const indexes = async () => (await succeed("GET", peers.indexes)).indexes as { name: string; count: number }[];
const memories = async () => (await indexes()).filter(({ name }) => name.startsWith("_playbooks."));

describe("POST /matrix/playbooks/record", () => {
  it("remembers what was said, in an index of its own that is no corpus", async () => {
    const { playbook, existing } = await record({ tags: ["hired", "2026"] });
    expect(existing).toBe(false);
    expect(playbook).toMatchObject({
      query_text: past,
      answer_id: "hired",
      answer_corpus: "resumes",
      score: 1,
      tags: ["hired", "2026"],
    });
    expect(await memories()).toMatchObject([{ name: expect.stringContaining("hashing-v1.768"), count: 1 }]);
    const { body } = await ask("GET", `${matrixd.origin}/matrix/corpora`);
    expect(body.corpora.map(({ name }: { name: string }) => name)).toEqual(["notes", "resumes"]);
  });

  it("brings the same answer to the same query up to date instead of keeping it twice", async () => {
    const first = await record({ score: 0.2, tags: ["a"] });
    const second = await record({ score: 0.9 });
    expect(second).toMatchObject({ existing: true, playbook: { id: first.playbook.id, score: 0.9, tags: [] } });
    expect((await record({ answer_corpus: "notes" })).existing).toBe(false);
    expect(await memories()).toMatchObject([{ count: 2 }]);
  });

  it("makes its index once, however many come first", async () => {
    const many = Array.from({ length: 16 }, (_, i) => record({ answer_id: `answer-${i}` }));
    expect((await Promise.all(many)).every(({ existing }) => !existing)).toBe(true);
    expect(await memories()).toMatchObject([{ count: 16 }]);
  });

  it.each([
    ["no query", { query_text: undefined }, "query_text"],
    ["an empty one", { query_text: "" }, "query_text"],
    ["no answer", { answer_id: undefined }, "answer_id"],
    ["an id that no item could have", { answer_id: "x".repeat(257) }, "answer_id"],
    ["a corpus that no index could be", { answer_corpus: "a b" }, "answer_corpus"],
    ["no score", { score: undefined }, "score"],
    ["a score over 1", { score: 1.01 }, "score"],
    ["a score under 0", { score: -0.1 }, "score"],
    ["tags that are none", { tags: "hired" }, "tags"],
    ["a key that is misspelt", { tag: "hired" }, ""],
  ])("refuses %s", async (_what, fields, path) => {
    const whole = { query_text: past, answer_id: "hired", answer_corpus: "resumes", score: 1, ...fields };
    const answer = await matrixd.post("playbooks/record", whole);
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid_request", details: [{ path }] } });
  });
});

describe("POST /matrix/search with use_playbook", () => {
  it("lifts the answer of a past query near this one by half its score, and marks it", async () => {
    const before = await search();
    const { distance } = before.results.find(({ id }) => id === "hired")!;
    expect(found(before)[0]).toBe("exact");
    await record({ score: 0.8 });
    const after = await search();
    const hit = after.results.find(({ id }) => id === "hired")!;
    expect(hit.playbook_boosted).toBe(true);
    expect(hit.distance).toBeCloseTo(distance * 0.6, 6);
    expect(after.results.filter(({ id }) => id !== "hired")).toEqual(before.results.filter(({ id }) => id !== "hired"));
    expect(after.per_corpus_counts).toEqual(before.per_corpus_counts);
  });

  it("brings in an answer that retrieval missed, as far away as it truly is", async () => {
    const true_distance = (await search()).results.find(({ id }) => id === "hired")!.distance;
    await record({ score: 1 });
    const { results, per_corpus_counts } = await search({ per_corpus_k: 1 });
    expect(found({ results })).toContain("hired");
    const hit = results.find(({ id }) => id === "hired")!;
    expect(hit).toMatchObject({ corpus: "resumes", playbook_boosted: true, metadata: { text: /lift trucks/ } });
    expect(hit.distance).toBeCloseTo(true_distance / 2, 5);
    expect(per_corpus_counts).toEqual({ resumes: 1, notes: 1 });
  });

  it("brings in nothing that is gone, that the filter drops, or whose corpus is not searched", async () => {
    await record({});
    await record({ answer_id: "gone" });
    await record({ answer_corpus: "nowhere" });
    expect(found(await search({ per_corpus_k: 1 }))).toEqual(expect.not.arrayContaining(["gone"]));
    expect(found(await search({ per_corpus_k: 1, filter: { text: "Onion soup and bread" } }))).toEqual(["menu"]);
    expect(found(await search({ corpora: ["notes"], per_corpus_k: 1 }))).toEqual(["memo"]);
  });

  it("leaves queries that are not near as they were, and those that don't ask for it", async () => {
    const [cook, plain] = [await search({ query_text: "line cook in Boston" }), await search({ use_playbook: false })];
    await record({});
    expect(await search({ query_text: "line cook in Boston" })).toEqual(cook);
    expect(await search({ use_playbook: false })).toEqual(plain);
  });

  it("takes as near what the configuration calls near", async () => {
    await record({});
    await using strict = await openMatrixd({ matrixd: { ...peers.urls, playbook_max_distance: 0.001 } });
    const asked = { corpora, use_playbook: true };
    const other = await strict.succeed("search", { query_text: again, ...asked });
    expect(JSON.stringify(other)).not.toContain("playbook_boosted");
    const same = await strict.succeed("search", { query_text: past, ...asked });
    expect(JSON.stringify(same)).toContain("playbook_boosted");
  });

  it("goes by the nearest past query where an answer served several, and lets a score of 0 take praise back", async () => {
    await record({ query_text: "forklift operator in Chicago, days", score: 1 });
    await record({ query_text: again, score: 0.2 });
    const plain = (await search({ use_playbook: false })).results.find(({ id }) => id === "hired")!;
    const lifted = (await search()).results.find(({ id }) => id === "hired")!;
    expect(lifted.distance).toBeCloseTo(plain.distance * 0.9, 6);
    await record({ query_text: again, score: 0 });
    expect((await search()).results.find(({ id }) => id === "hired")).toEqual(plain);
  });

  it("works for a vector as for its text", async () => {
    await record({});
    const [query_vector] = await peers.embed([again]);
    expect(await search({ query_text: undefined, query_vector })).toEqual(await search());
  });

  it("lifts before ranks are fused", async () => {
    const asked = { query_text: "a warehouse in Chicago", corpora: ["resumes"], fusion: "rrf" };
    expect(found(await search(asked)).slice(0, 2)).toEqual(["near", "exact"]);
    await record({ query_text: "warehouse in Chicago", answer_id: "exact" });
    const { results } = await search(asked);
    expect(found({ results }).slice(0, 2)).toEqual(["exact", "near"]);
    expect(results.map(({ score }) => score)).toEqual([1 / 61, 1 / 62, 1 / 63, 1 / 64]);
  });

  it("cuts a strong model to the corpus whose hit is nearest once it is lifted", async () => {
    await record({ query_text: again, answer_id: "memo", answer_corpus: "notes" });
    const asked = { model: "big", query_text: again, per_corpus_k: 3 };
    expect((await search({ ...asked, use_playbook: false })).downgrade!.corpora).toEqual(["resumes"]);
    const [first] = (await search(asked)).results;
    expect((await search(asked)).downgrade!.corpora).toEqual([first!.corpus]);
  });

  it("keeps the memories of two embedding models apart", async () => {
    await record({});
    await using embedd = await startService("embedd", { config: { embedd: { model: "other/model:latest" } } });
    await using other = await openMatrixd({ matrixd: { ...peers.urls, embedd_url: embedd.url } });
    const asked = { query_text: past, corpora, use_playbook: true };
    expect(JSON.stringify(await other.succeed("search", asked))).not.toContain("playbook_boosted");
    const mine = { query_text: past, answer_id: "near", answer_corpus: "resumes", score: 1 };
    await other.succeed("playbooks/record", mine);
    const { results } = await other.succeed("search", asked);
    expect(found({ results: results.filter((hit: { playbook_boosted?: true }) => hit.playbook_boosted) })).toEqual([
      "near",
    ]);
    expect(await memories()).toHaveLength(2);
  });

  it("counts what it does", async () => {
    const figure = async (name: string) => {
      const text = await (await fetch(`${matrixd.origin}/metrics`)).text();
      return Number(
        text
          .split("\n")
          .find((line) => line.startsWith(name))
          ?.split(" ")
          .at(-1),
      );
    };
    const before = await figure('matrixd_playbook_hits_total{how="brought_in"');
    await record({});
    await search({ per_corpus_k: 1 });
    expect(await figure('matrixd_playbook_hits_total{how="brought_in"')).toBe(before + 1);
    expect(await figure("matrixd_playbooks_recorded_total")).toBeGreaterThan(0);
  });
});
