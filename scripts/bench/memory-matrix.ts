/** One query over many corpora, beside the same query to each of them alone and to all of them, asked of vectord directly, in turn. */
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startService } from "@lakehouse/testing";
import { httpRequest, loadWith } from "./load.ts";
import { median } from "./stack.ts";
import { clusteredVectors } from "./vectors-data.ts";

const BATCH = 500;
const K = 10;
const RATIO_MAX = 1.3;
const EXTRA_MS_MAX = 2;

const { values } = parseArgs({
  options: {
    corpora: { type: "string", default: "4" },
    n: { type: "string", default: "20000" },
    d: { type: "string", default: "768" },
    queries: { type: "string", default: "100" },
    rounds: { type: "string", default: "7" },
  },
});
const [n, dimension, queryCount, rounds] = [values.n, values.d, values.queries, values.rounds].map(Number) as Numbers;
type Numbers = [number, number, number, number];
const corpora = Array.from({ length: Number(values.corpora) }, (_, i) => `corpus-${i}`);

await using started = new AsyncDisposableStack();
// Memory only: what is timed here reads no store.
const vectord = started.use(await startService("vectord", { config: { vectord: { storaged_url: "" } } }));
const embedd = started.use(await startService("embedd"));
const peers = { vectord_url: vectord.url, embedd_url: embedd.url };
const matrixd = started.use(await startService("matrixd", { config: { matrixd: peers } }));

console.log(`${corpora.length} corpora of ${n} clustered vectors of ${dimension}, k ${K}, node ${process.version}\n`);
for (const [seed, corpus] of corpora.entries()) await fill(corpus, seed + 1);
await indexed();

const queries = clusteredVectors(queryCount, dimension, 100, 99).map(asEmbeddWouldSpell);
const times = new Map<string, number[]>();
const together: number[] = [];
for (let round = 0; round < rounds; round++) {
  for (const corpus of corpora) keep(`vectord, ${corpus} alone`, await timed(vectord.url, (i) => searchOne(corpus, i)));
  keep("matrixd, by vector", await timed(matrixd.url, (i) => searchAll({ query_vector: queries[i % queryCount] })));
  keep(
    "matrixd, by text",
    await timed(matrixd.url, (i) => searchAll({ query_text: `welder ${round}-${i} in Toledo` })),
  );
  const load = { clients: corpora.length, count: corpora.length * queryCount };
  const all = await loadWith(vectord.url, load, (i) => searchOne(corpora[i % corpora.length]!, i));
  together.push((all.seconds * 1_000) / queryCount);
}

for (const [what, one] of times) console.log(`  ${what.padEnd(28)} p50 ${ms(median(one))}   p99 ${ms(high(one))}`);
console.log(`  ${"vectord, all, by as many clients".padEnd(28)} ${ms(median(together))} for one search of each`);
const slowest = Math.max(...corpora.map((corpus) => median(times.get(`vectord, ${corpus} alone`)!)));
const matrix = median(times.get("matrixd, by vector")!);
const bound = RATIO_MAX * slowest + EXTRA_MS_MAX;
console.log(
  `\nmatrix search p50 ${ms(matrix)}; ${RATIO_MAX} x the slowest corpus alone + ${EXTRA_MS_MAX} ms = ${ms(bound)}: ${matrix <= bound ? "within" : "NOT WITHIN"}`,
);

async function fill(name: string, seed: number): Promise<void> {
  const vectors = clusteredVectors(n, dimension, 100, seed);
  await post(`${vectord.url}/vectors/index`, { name, dimension });
  for (let from = 0; from < n; from += BATCH) {
    const batch = vectors.slice(from, from + BATCH);
    const items = batch.map((vector, i) => ({ id: `v-${from + i}`, vector: Array.from(vector), metadata: { row: i } }));
    await post(`${vectord.url}/vectors/index/${name}/add`, { items });
  }
}

/** Until the graphs have all. */
async function indexed(): Promise<void> {
  const figures = async () => (await fetch(`${vectord.url}/metrics`)).text();
  while (!/^vectord_unindexed_items\S* 0$/m.test(await figures())) await delay(100);
}

/** Nine digits are a float32; a double's seventeen would take longer to read than the search takes. */
function asEmbeddWouldSpell(vector: Float32Array): number[] {
  return Array.from(vector, (number) => Number(number.toPrecision(9)));
}

function searchOne(corpus: string, i: number): Buffer {
  const body = JSON.stringify({ vector: queries[i % queryCount], k: K });
  return httpRequest("POST", `/vectors/index/${corpus}/search`, body, "content-type: application/json\r\n");
}

function searchAll(query: object): Buffer {
  const body = JSON.stringify({ ...query, corpora, k: K });
  return httpRequest("POST", "/matrix/search", body, "content-type: application/json\r\n");
}

/** Milliseconds of each request of one client. */
async function timed(url: string, requestOf: (i: number) => Buffer): Promise<number[]> {
  return (await loadWith(url, { clients: 1, count: queryCount }, requestOf)).times;
}

function keep(what: string, measured: readonly number[]): void {
  times.set(what, [...(times.get(what) ?? []), ...measured]);
}

async function post(url: string, body: object): Promise<void> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  await response.arrayBuffer();
}

/** p99 */
function high(some: readonly number[]): number {
  return some.toSorted((a, b) => a - b)[Math.floor(some.length * 0.99)]!;
}

function ms(milliseconds: number): string {
  return `${milliseconds.toFixed(2)} ms`;
}
