import { relevanceResultSchema, type WeighedChunk } from "@lakehouse/contracts";
import { type ServiceProcess, startService } from "@lakehouse/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Matrixd, openMatrixd } from "./open-matrixd.ts";
import { heldOutSet, type LabelledFocus, tuningSet } from "./relevance-set.ts";

let embedd: ServiceProcess;
let matrixd: Matrixd;

beforeAll(async () => {
  embedd = await startService("embedd");
  matrixd = await openMatrixd({ matrixd: { embedd_url: embedd.url } });
});
afterAll(async () => {
  await matrixd[Symbol.asyncDispose]();
  await embedd[Symbol.asyncDispose]();
});

type Label = "relevant" | "adjacent" | "unrelated";

/** All chunks of a set with their labels, and whether they were kept. */
async function judge(set: readonly LabelledFocus[]): Promise<{ label: Label; isKept: boolean }[]> {
  const judged = set.map(async ({ focus, ...labelled }) => {
    const chunks = Object.entries(labelled).flatMap(([label, texts]) =>
      texts.map((text, i) => ({ id: `${label}-${i}`, text, label })),
    );
    const { kept, dropped } = await matrixd.succeed("relevance", { focus, chunks });
    const verdict = (isKept: boolean) => (chunk: { label: Label }) => ({ label: chunk.label, isKept });
    return [...kept.map(verdict(true)), ...dropped.map(verdict(false))];
  });
  return (await Promise.all(judged)).flat();
}

function measure(judged: readonly { label: Label; isKept: boolean }[]) {
  const count = (label: Label, kept?: boolean) =>
    judged.filter((one) => one.label === label && (kept === undefined || one.isKept === kept)).length;
  const kept = judged.filter(({ isKept }) => isKept).length;
  return {
    precision: count("relevant", true) / kept,
    recall: count("relevant", true) / count("relevant"),
    adjacentDropped: count("adjacent", false) / count("adjacent"),
    unrelatedDropped: count("unrelated", false) / count("unrelated"),
  };
}

describe("the relevance filter, with the built-in embedder, over labelled chunks", () => {
  it.each([
    ["tuned on", tuningSet, { precision: 0.95, recall: 0.75, adjacentDropped: 0.95 }],
    ["held out", heldOutSet, { precision: 0.85, recall: 0.7, adjacentDropped: 0.9 }],
  ])("%s", async (name, set, floors) => {
    const judged = await judge(set);
    const figures = measure(judged);
    const shown = Object.entries(figures).map(([what, share]) => `${what} ${share.toFixed(3)}`);
    process.stdout.write(`relevance, ${name}: ${judged.length} chunks, ${shown.join(", ")}\n`);
    expect(judged.length).toBeGreaterThanOrEqual(60);
    expect(figures.precision).toBeGreaterThanOrEqual(floors.precision);
    expect(figures.recall).toBeGreaterThanOrEqual(floors.recall);
    expect(figures.adjacentDropped).toBeGreaterThanOrEqual(floors.adjacentDropped);
    expect(figures.unrelatedDropped).toBe(1);
  });
});

describe("POST /matrix/relevance", () => {
  const focus = "night shift bonus for warehouse workers";
  const chunks = [
    { id: "docks", text: "The warehouse has twelve loading docks.", page: 3 },
    { id: "bonus", text: "Warehouse workers get a bonus for each night shift.", page: 7, score: "their own" },
    { id: "soup", text: "Simmer the onions in butter until they are golden." },
  ];
  const ids = (list: WeighedChunk[]) => list.map(({ id }) => id);

  it("keeps and drops in the order given, with all that a chunk has, and says how it scored", async () => {
    const answer = relevanceResultSchema.strict().parse(await matrixd.succeed("relevance", { focus, chunks }));
    expect([ids(answer.kept), ids(answer.dropped)]).toEqual([["bonus"], ["docks", "soup"]]);
    expect(answer.kept[0]).toMatchObject({ page: 7, text: chunks[1]!.text });
    expect(answer.dropped[0]).toMatchObject({ page: 3 });
    expect(answer.kept[0]!.score).toBeGreaterThan(answer.dropped[0]!.score);
    expect(answer.dropped[0]!.score).toBeGreaterThan(answer.dropped[1]!.score);
  });

  it("has the threshold that is asked for", async () => {
    const all = await matrixd.succeed("relevance", { focus, chunks, threshold: 0 });
    expect([ids(all.kept), ids(all.dropped)]).toEqual([["docks", "bonus", "soup"], []]);
    const none = await matrixd.succeed("relevance", { focus, chunks, threshold: 1 });
    expect(ids(none.kept)).toEqual([]);
  });

  it("weighs a focus without informative words by nearness alone, and has nothing to say of no chunks", async () => {
    const same = await matrixd.succeed("relevance", {
      focus: "what is it?",
      chunks: [{ id: "a", text: "what is it?" }],
    });
    expect(same.kept[0].score).toBeCloseTo(1, 5);
    expect(await matrixd.succeed("relevance", { focus, chunks: [] })).toEqual({ kept: [], dropped: [] });
  });

  it("asks of a chunk that is shorter than the focus no more terms than it has", async () => {
    const long = `${focus}: forklift drivers, order pickers, packers, dock hands, loaders, inventory clerks and supervisors`;
    const { kept } = await matrixd.succeed("relevance", { focus: long, chunks: [chunks[1]] });
    expect(ids(kept)).toEqual(["bonus"]);
  });

  it.each([
    ["no focus", { chunks }, "focus"],
    ["an empty focus", { focus: "", chunks }, "focus"],
    ["no chunks", { focus }, "chunks"],
    ["a chunk without text", { focus, chunks: [{ id: "a" }] }, "chunks.0.text"],
    ["an empty chunk", { focus, chunks: [chunks[0], { id: "a", text: "" }] }, "chunks.1.text"],
    ["a chunk without id", { focus, chunks: [{ text: "a" }] }, "chunks.0.id"],
    ["too many chunks", { focus, chunks: Array.from({ length: 257 }, () => chunks[0]) }, "chunks"],
    ["a threshold past 1", { focus, chunks, threshold: 1.1 }, "threshold"],
    ["a key that is misspelt", { focus, chunks, treshold: 1 }, ""],
    [
      "a chunk that is longer than embedd takes",
      { focus, chunks: [chunks[0], { id: "a", text: "x".repeat(40_000) }] },
      "chunks.1.text",
    ],
  ])("refuses %s", async (_what, body, path) => {
    const answer = await matrixd.post("relevance", body);
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid_request", details: [{ path }] } });
  });
});
