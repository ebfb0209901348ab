/** One query over many corpora, beside the same query to each of them alone, asked of vectord directly, in turn. */
import { Agent, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startService } from "@lakehouse/testing";
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
    queries: { type: "string", default: "500" },
  },
});
const [corpusCount, n, dimension, queryCount] = [values.corpora, values.n, values.d, values.queries].map(Number) as [
  number,
  number,
  number,
  number,
];
const corpora = Array.from({ length: corpusCount }, (_, i) => `corpus-${i}`);
const agent = new Agent({ keepAlive: true });

await using started = new AsyncDisposableStack();
// Memory only: what is timed here reads no store.
const vectord = started.use(await startService("vectord", { config: { vectord: { storaged_url: "" } } }));
const embedd = started.use(await startService("embedd"));
const peers = { vectord_url: vectord.url, embedd_url: embedd.url };
const matrixd = started.use(await startService("matrixd", { config: { matrixd: peers } }));

console.log(`${corpusCount} corpora of ${n} clustered vectors of ${dimension}, k ${K}, node ${process.version}\n`);
for (const [seed, corpus] of corpora.entries()) await fill(corpus, seed + 1);
while (!/^vectord_unindexed_items\S* 0$/m.test(await ask("GET", `${vectord.url}/metrics`))) await delay(100);

const queries = clusteredVectors(queryCount, dimension, 100, 99).map(asEmbeddWouldSpell);
const times = new Map<string, number[]>();
for (const [i, query_vector] of queries.entries()) {
  for (const corpus of corpora) {
    const body = JSON.stringify({ vector: query_vector, k: K });
    await timed(`vectord, ${corpus} alone`, () => ask("POST", `${vectord.url}/vectors/index/${corpus}/search`, body));
  }
  const alone = JSON.stringify({ vector: query_vector, k: K });
  await timed("vectord, all at once", () =>
    Promise.all(corpora.map((corpus) => ask("POST", `${vectord.url}/vectors/index/${corpus}/search`, alone))),
  );
  await timed("matrixd, all, by vector", () => search({ query_vector }));
  await timed("matrixd, all, by text", () => search({ query_text: `welder number ${i} in Toledo` }));
  await timed("matrixd, all, by rank", () => search({ query_vector, fusion: "rrf" }));
}

for (const [what, one] of times)
  console.log(`  ${what.padEnd(28)} p50 ${ms(median(one))}   p99 ${ms(percentile(one, 0.99))}`);
const slowest = Math.max(...corpora.map((corpus) => median(times.get(`vectord, ${corpus} alone`)!)));
const matrix = median(times.get("matrixd, all, by vector")!);
const bound = RATIO_MAX * slowest + EXTRA_MS_MAX;
console.log(
  `\nmatrix search p50 ${ms(matrix)}; ${RATIO_MAX} x the slowest corpus alone + ${EXTRA_MS_MAX} ms = ${ms(bound)}: ${matrix <= bound ? "within" : "NOT WITHIN"}`,
);
agent.destroy();

/** Nine digits are a float32; a double's seventeen would take longer to read than the search takes. */
function asEmbeddWouldSpell(vector: Float32Array): number[] {
  return Array.from(vector, (number) => Number(number.toPrecision(9)));
}

async function fill(name: string, seed: number): Promise<void> {
  const vectors = clusteredVectors(n, dimension, 100, seed);
  await ask("POST", `${vectord.url}/vectors/index`, JSON.stringify({ name, dimension }));
  for (let from = 0; from < n; from += BATCH) {
    const batch = vectors.slice(from, from + BATCH);
    const items = batch.map((vector, i) => ({ id: `v-${from + i}`, vector: Array.from(vector), metadata: { row: i } }));
    await ask("POST", `${vectord.url}/vectors/index/${name}/add`, JSON.stringify({ items }));
  }
}

function search(query: object): Promise<string> {
  return ask("POST", `${matrixd.url}/matrix/search`, JSON.stringify({ ...query, corpora, k: K }));
}

async function timed(what: string, work: () => Promise<unknown>): Promise<void> {
  const before = performance.now();
  await work();
  const took = performance.now() - before;
  times.set(what, [...(times.get(what) ?? []), took]);
}

function percentile(some: readonly number[], share: number): number {
  return some.toSorted((a, b) => a - b)[Math.floor(some.length * share)]!;
}

function ms(milliseconds: number): string {
  return `${milliseconds.toFixed(2)} ms`;
}

function ask(method: string, url: string, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers =
      body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const call = request(url, { method, agent, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        if (answer.statusCode! < 300) resolve(text);
        else reject(new Error(`${method} ${url}: ${answer.statusCode} ${text.slice(0, 300)}`));
      });
    });
    call.on("error", reject);
    call.end(body);
  });
}
