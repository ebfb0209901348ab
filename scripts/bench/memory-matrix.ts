import { setTimeout as delay } from "node:timers/promises";
import { startService } from "@lakehouse/testing";
import { httpRequest, loadWith } from "./load.ts";
import type { Bench } from "./measure/bench.ts";
import { median } from "./measure/figure.ts";
import { inTurn } from "./measure/in-turn.ts";
import { CostMeter } from "./measure/process-cost.ts";
import { clusteredVectors, numbersOf } from "./vectors-data.ts";

const BATCH = 500;
const K = 10;
const SLOWEST = "vectord, the slowest corpus alone";

export interface MatrixSizes {
  rounds: number;
  corpora: number;
  /** Vectors a corpus, and their dimension. */
  n: number;
  d: number;
  /** A round, of each kind. */
  queries: number;
}

/** One query over many corpora, beside the same query to each of them alone and to all of them, asked of vectord directly. */
export async function measureMatrix(bench: Pick<Bench, "add" | "section">, sizes: MatrixSizes): Promise<void> {
  await using started = new AsyncDisposableStack();
  // Memory only: what is timed here reads no store.
  const vectord = started.use(await startService("vectord", { config: { vectord: { storaged_url: "" } } }));
  const embedd = started.use(await startService("embedd"));
  const peers = { vectord_url: vectord.url, embedd_url: embedd.url };
  const matrixd = started.use(await startService("matrixd", { config: { matrixd: peers } }));

  const corpora = Array.from({ length: sizes.corpora }, (_, i) => `corpus-${i}`);
  for (const [seed, corpus] of corpora.entries()) await fill(vectord.url, corpus, sizes, seed + 1);
  await indexed(vectord.url);

  const queries = clusteredVectors(sizes.queries, sizes.d, 100, 99).map(numbersOf);
  const queryOf = (i: number) => queries[i % queries.length]!;
  const one = (corpus: string, i: number) => searchOne(corpus, queryOf(i));
  const meter = new CostMeter({ matrixd, vectord });
  let texts = 0;
  await p50(matrixd.url, (i) => searchAll({ query_vector: queryOf(i), corpora })); // left out: nothing is compiled yet
  const runs = await inTurn(sizes.rounds, {
    byVector: () => meter.measure(() => p50(matrixd.url, (i) => searchAll({ query_vector: queryOf(i), corpora }))),
    byText: () => p50(matrixd.url, () => searchAll({ query_text: `welder ${texts++} in Toledo`, corpora })),
    [SLOWEST]: async () => {
      const each = [];
      for (const corpus of corpora) each.push(await p50(vectord.url, (i) => one(corpus, i)));
      return Math.max(...each);
    },
    together: async () => {
      const load = { clients: corpora.length, count: corpora.length * queries.length };
      const { seconds } = await loadWith(vectord.url, load, (i) => one(corpora[i % corpora.length]!, i));
      return (seconds * 1_000) / queries.length;
    },
  });
  bench.section(
    `Retrieval over ${sizes.corpora} corpora of ${sizes.n.toLocaleString("en")} × ${sizes.d}, k ${K}, one client, p50`,
  );
  bench.add({
    what: "all corpora, by vector",
    unit: "ms",
    better: "less",
    measured: {
      matrixd: runs["byVector"]!,
      [SLOWEST]: runs[SLOWEST]!,
      "vectord, one search of each by as many clients": runs["together"]!,
    },
    reaches: [{ peer: SLOWEST, factor: 1.3, plus: 2 }],
    costs: meter.costs(),
  });
  const measured = { matrixd: runs["byText"]!, "by vector": runs["byVector"]! };
  bench.add({ what: "all corpora, by a text that is new to embedd", unit: "ms", better: "less", measured });

  async function p50(url: string, requestOf: (i: number) => Buffer): Promise<number> {
    return median((await loadWith(url, { clients: 1, count: queries.length }, requestOf)).times);
  }
}

async function fill(url: string, name: string, { n, d }: MatrixSizes, seed: number): Promise<void> {
  const vectors = clusteredVectors(n, d, 100, seed);
  await post(`${url}/vectors/index`, { name, dimension: d });
  for (let from = 0; from < n; from += BATCH) {
    const batch = vectors.slice(from, from + BATCH);
    const items = batch.map((vector, i) => ({ id: `v-${from + i}`, vector: numbersOf(vector), metadata: { row: i } }));
    await post(`${url}/vectors/index/${name}/add`, { items });
  }
}

/** Until the graphs have all. */
async function indexed(url: string): Promise<void> {
  const figures = async () => (await fetch(`${url}/metrics`)).text();
  while (!/^vectord_unindexed_items\S* 0$/m.test(await figures())) await delay(100);
}

function searchOne(corpus: string, vector: readonly number[]): Buffer {
  return searchRequest(`/vectors/index/${corpus}/search`, { vector, k: K });
}

function searchAll(query: object): Buffer {
  return searchRequest("/matrix/search", { ...query, k: K });
}

function searchRequest(path: string, body: object): Buffer {
  return httpRequest("POST", path, JSON.stringify(body), "content-type: application/json\r\n");
}

async function post(url: string, body: object): Promise<void> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}
