import { setImmediate as nextTurn } from "node:timers/promises";
import { answerJson, ask, eventually, freePort, startFakeUpstream } from "@lakehouse/testing";
import { expect, test } from "vitest";
import { answerHits, startFakeEmbedd, startFakeVectord } from "./fake-peers.ts";
import { openMatrixd } from "./open-matrixd.ts";

const query_vector = [1, 0, 0];
const corpora = ["a", "b", "c", "d"];
const nobody = `http://127.0.0.1:${await freePort()}`;

/** Searches that are never answered: which indexes they were for, and which were given up. */
function openEnded() {
  const asked: string[] = [];
  const givenUp: string[] = [];
  const hang: Parameters<typeof startFakeVectord>[0] = (index, _request, response) => {
    asked.push(index);
    response.once("close", () => givenUp.push(index));
  };
  return { asked, givenUp, hang };
}

test("all corpora are searched at once", async () => {
  const waiting: (() => void)[] = [];
  await using vectord = await startFakeVectord((index, _request, response) => {
    waiting.push(() => answerHits(response, { [index]: 0.5 }));
    if (waiting.length === corpora.length) for (const answer of waiting) answer();
  });
  await using matrixd = await openMatrixd({ matrixd: { vectord_url: vectord.url } });
  const { results } = await matrixd.succeed("search", { query_vector, corpora });
  expect(results.map(({ id }: { id: string }) => id)).toEqual(corpora);
});

test("a client that goes away cancels every search", async () => {
  const { asked, givenUp, hang } = openEnded();
  await using vectord = await startFakeVectord(hang);
  await using matrixd = await openMatrixd({ matrixd: { vectord_url: vectord.url } });
  const client = new AbortController();
  const body = JSON.stringify({ query_vector, corpora });
  const call = fetch(`${matrixd.origin}/matrix/search`, { method: "POST", body, signal: client.signal });
  await eventually("all searches are under way", () => asked.length === corpora.length);
  client.abort();
  await expect(call).rejects.toThrow("abort");
  await eventually("all searches are given up", () => givenUp.length === corpora.length);
});

test("a client that goes away while its text is embedded cancels that, and no search is begun", async () => {
  const { asked: embedding, givenUp, hang: hangEmbedding } = openEnded();
  await using embedd = await startFakeUpstream((request, response) => hangEmbedding(request.url, request, response));
  const { asked, hang } = openEnded();
  await using vectord = await startFakeVectord(hang);
  await using matrixd = await openMatrixd({ matrixd: { embedd_url: embedd.url, vectord_url: vectord.url } });
  const client = new AbortController();
  const body = JSON.stringify({ query_text: "welder", corpora });
  const call = fetch(`${matrixd.origin}/matrix/search`, { method: "POST", body, signal: client.signal });
  await eventually("the text is being embedded", () => embedding.length === 1);
  client.abort();
  await expect(call).rejects.toThrow("abort");
  await eventually("embedding is given up", () => givenUp.length === 1);
  expect(asked).toEqual([]);
});

test("one corpus that fails ends the search of the others, and is named with its reason", async () => {
  const { givenUp, hang } = openEnded();
  await using vectord = await startFakeVectord((index, request, response) => {
    const damaged = { error: "The index c is damaged.", code: "index_damaged", request_id: "x" };
    if (index === "c") answerJson(response, 503, damaged);
    else hang(index, request, response);
  });
  await using matrixd = await openMatrixd({ matrixd: { vectord_url: vectord.url } });
  expect(await matrixd.post("search", { query_vector, corpora })).toMatchObject({
    status: 502,
    body: {
      code: "corpus_failed",
      error: "The corpus c could not be searched: The index c is damaged.",
      details: { corpus: "c", cause: { code: "index_damaged", error: "The index c is damaged." } },
    },
  });
  await eventually("the others are given up", () => givenUp.length === corpora.length - 1);
  const metrics = await (await fetch(`${matrixd.origin}/metrics`)).text();
  expect(metrics).toMatch(/^matrixd_corpus_search_duration_seconds_count\S*outcome="index_damaged"\S* 1$/m);
  expect(metrics).toMatch(/^matrixd_corpus_search_duration_seconds_count\S*outcome="given_up"\S* 3$/m);
});

test("a corpus that is busy tells when to come back", async () => {
  await using vectord = await startFakeVectord((_index, _request, response) => {
    const error = { error: "Too many.", code: "vectors_busy", request_id: "x" };
    answerJson(response, 503, error, { "retry-after": "7" });
  });
  await using matrixd = await openMatrixd({ matrixd: { vectord_url: vectord.url } });
  const answer = await matrixd.post("search", { query_vector, corpora: ["a"] });
  expect(answer).toMatchObject({ status: 502, body: { details: { cause: { code: "vectors_busy" } } } });
  expect(answer.headers.get("retry-after")).toBe("7");
});

test("embedding and searching share one deadline", async () => {
  const [embeddingMs, deadlineMs] = [3_000, 6_000];
  await using embedd = await startFakeEmbedd(embeddingMs);
  const { hang } = openEnded();
  await using vectord = await startFakeVectord(hang);
  const urls = { embedd_url: embedd.url, vectord_url: vectord.url };
  await using matrixd = await openMatrixd({ matrixd: urls, server: { request_timeout: deadlineMs } });
  const started = performance.now();
  const answer = await matrixd.post("search", { query_text: "welder", corpora });
  expect(answer).toMatchObject({
    status: 502,
    body: { code: "corpus_failed", details: { cause: { code: "upstream_timeout" } } },
  });
  expect(performance.now() - started).toBeLessThan(embeddingMs + deadlineMs);
});

test("a text that takes too long to embed is 504, and embedd is named", async () => {
  await using embedd = await startFakeEmbedd(60_000);
  await using vectord = await startFakeVectord((index, _request, response) => answerHits(response, { [index]: 0.5 }));
  const urls = { embedd_url: embedd.url, vectord_url: vectord.url };
  await using matrixd = await openMatrixd({ matrixd: urls, server: { request_timeout: 200 } });
  expect(await matrixd.post("search", { query_text: "welder", corpora })).toMatchObject({
    status: 504,
    body: { code: "upstream_timeout", details: { upstream: "embedd" } },
  });
});

test("a deadline that passes between two tries is 504 too", async () => {
  await using vectord = await startFakeVectord((index, _request, response) => answerHits(response, { [index]: 0.5 }));
  const urls = { embedd_url: nobody, vectord_url: vectord.url };
  // Four tries take 175 ms at least: the third pause is never slept through.
  await using matrixd = await openMatrixd({ matrixd: urls, server: { request_timeout: 120 } });
  expect(await matrixd.post("search", { query_text: "welder", corpora })).toMatchObject({
    status: 504,
    body: { code: "upstream_timeout", details: { upstream: "embedd" } },
  });
});

test("without embedd, vectors are searched for, texts are refused, and matrixd is degraded", async () => {
  await using vectord = await startFakeVectord((index, _request, response) => answerHits(response, { [index]: 0.5 }));
  await using matrixd = await openMatrixd({ matrixd: { embedd_url: nobody, vectord_url: vectord.url } });
  expect((await matrixd.succeed("search", { query_vector, corpora })).results).toHaveLength(4);
  for (const [path, body] of [
    ["search", { query_text: "welder", corpora }],
    ["relevance", { focus: "welder", chunks: [] }],
    ["playbooks/record", { query_text: "welder", answer_id: "x", answer_corpus: "a", score: 1 }],
  ] as const) {
    expect(await matrixd.post(path, body)).toMatchObject({
      status: 502,
      body: { code: "upstream_unavailable", details: { upstream: "embedd" } },
    });
  }
  const { status, body } = await ask("GET", `${matrixd.origin}/ready`);
  expect([status, body.status, body.checks.embedd.status, body.checks.vectord.status]).toEqual([
    200,
    "degraded",
    "degraded",
    "ok",
  ]);
});

test("without vectord nothing is served", async () => {
  await using embedd = await startFakeEmbedd();
  await using matrixd = await openMatrixd({ matrixd: { embedd_url: embedd.url, vectord_url: nobody } });
  expect(await matrixd.post("search", { query_vector, corpora: ["a"] })).toMatchObject({
    status: 502,
    body: { code: "corpus_failed", details: { corpus: "a", cause: { code: "upstream_unavailable" } } },
  });
  expect(await ask("GET", `${matrixd.origin}/matrix/corpora`)).toMatchObject({
    status: 502,
    body: { code: "upstream_unavailable", details: { upstream: "vectord" } },
  });
  expect(await ask("GET", `${matrixd.origin}/ready`)).toMatchObject({ status: 503, body: { status: "unavailable" } });
});

test("playbooks that can't be read fail the search that asks for them, not the others", async () => {
  await using embedd = await startFakeEmbedd();
  await using vectord = await startFakeVectord((index, _request, response) => {
    if (!index.startsWith("_playbooks.")) return answerHits(response, { [index]: 0.5 });
    answerJson(response, 503, { error: "Damaged.", code: "index_damaged", request_id: "x" });
  });
  await using matrixd = await openMatrixd({ matrixd: { embedd_url: embedd.url, vectord_url: vectord.url } });
  const asked = { query_text: "welder", corpora: ["a"] };
  expect(await matrixd.post("search", { ...asked, use_playbook: true })).toMatchObject({
    status: 502,
    body: {
      code: "corpus_failed",
      details: { corpus: expect.stringMatching(/^_playbooks\.one\.3\./), cause: { code: "index_damaged" } },
    },
  });
  expect((await matrixd.post("search", asked)).status).toBe(200);
});

test("as many corpora as a search may have leave no warning behind", async () => {
  const warnings: Error[] = [];
  const remember = (warning: Error) => void warnings.push(warning);
  process.on("warning", remember);
  await using vectord = await startFakeVectord((index, _request, response) => answerHits(response, { [index]: 0.5 }));
  await using matrixd = await openMatrixd({ matrixd: { vectord_url: vectord.url } });
  const many = Array.from({ length: 64 }, (_, i) => `corpus-${i}`);
  const { results } = await matrixd.succeed("search", { query_vector, corpora: many, k: 1000 });
  expect(results).toHaveLength(64);
  await nextTurn(); // warnings come a tick later
  process.off("warning", remember);
  expect(warnings).toEqual([]);
});
