import { readFileSync, statSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type ServiceProcess, startService, temporaryFolder } from "@lakehouse/testing";
import { httpRequest, loadWith } from "./load.ts";
import { median } from "./stack.ts";
import { clusteredVectors, exactNeighbours, recall } from "./vectors-data.ts";
import { type Peer, rawHnsw, usearch } from "./vectors-peers.ts";

const BATCH = 500;
const CLIENTS = 8;
const K = 10;
const SMALL_BATCHES = 10;
const JSON_HEADER = "content-type: application/json\r\n";
const shares = [0.5, 0.1, 0.01, 0.001];

const { values } = parseArgs({
  options: {
    n: { type: "string", default: "20000" },
    d: { type: "string", default: "768" },
    ef: { type: "string", default: "100" },
    queries: { type: "string", default: "200" },
    searches: { type: "string", default: "3000" },
    rounds: { type: "string", default: "3" },
    peers: { type: "string", default: "all" },
  },
});
const [n, dimension, ef] = [Number(values.n), Number(values.d), Number(values.ef)];
const settings = { dimension, m: 16, efConstruction: 200, ef };
const [searches, rounds] = [Number(values.searches), Number(values.rounds)];

const vectors = clusteredVectors(n + Number(values.queries), dimension, Math.max(10, Math.floor(n / 200)), 1);
const queries = vectors.splice(n);
const wanted = exactNeighbours(vectors, queries, K);
console.log(
  `${n} clustered vectors of ${dimension}, m 16, ef_construction 200, ef ${ef}, k ${K}, node ${process.version}\n`,
);

// --- adding ---------------------------------------------------------------------------------------------------------------

console.log("adding                                              vectors/s   ratio");
const raw = rawHnsw(vectors, settings);
row(raw.name, raw.addsPerSecond);
const peers = [raw, ...others()];
for (const peer of peers.slice(1)) row(peer.name, peer.addsPerSecond, raw.addsPerSecond);

await using folder = await temporaryFolder();
const agent = new Agent({ keepAlive: true, maxSockets: 32 });
const storaged = await startService("storaged", {
  config: { storaged: { data_dir: folder.path, max_put_bytes: "4 GiB" } },
});
const startVectord = (port = 0) =>
  startService("vectord", {
    port,
    config: { vectord: { storaged_url: storaged.url }, log: { level: "warn" } },
    environment: { LAKEHOUSE_LOG_LEVEL: "info" },
  });
const startedEmpty = performance.now();
let vectord = await startVectord();
await ready();
const emptyStart = seconds(startedEmpty);
const gateway = await startService("gateway", { config: { gateway: { vectord_url: vectord.url } } });
const api = `${gateway.url}/v1/vectors/index`;

const probe = probeHealth();
await make("bench");
const addStarted = performance.now();
for (let from = 0; from < n; from += BATCH) await add("bench", from, Math.min(n, from + BATCH));
row(`vectord, batches of ${BATCH}, durable`, n / seconds(addStarted), raw.addsPerSecond);
await indexed();
row("  until the graph has all", n / seconds(addStarted), raw.addsPerSecond);
await folded("bench");
const small = await smallBatches();
console.log(
  `\na batch of 100 into ${n}: ${small.full.toFixed(1)} ms, into an empty index: ${small.empty.toFixed(1)} ms, ratio ${(small.full / small.empty).toFixed(2)}`,
);
await indexed();

// --- searching ------------------------------------------------------------------------------------------------------------

console.log(
  `\nsearching, ${CLIENTS} clients                                   QPS   ratio   recall@${K}   p50 ms   p99 ms   CPU ms a search: vectord, gateway`,
);
const results = new Map<string, Measured[]>();
for (let round = 0; round < rounds; round++) {
  for (const peer of peers) keep(peer.name, searchDirectly(peer));
  keep("vectord through the gateway", await searchThrough(`${gateway.url}/v1`, {}));
  keep("vectord alone", await searchThrough(vectord.url, {}));
}
const rawQps = best(raw.name).qps;
for (const name of results.keys()) show(name, best(name), rawQps);

console.log(`\nfiltered, through the gateway                           QPS   of unfiltered   k results`);
const unfiltered = best("vectord through the gateway").qps;
for (const [position, share] of shares.entries()) {
  const one = await searchThrough(
    `${gateway.url}/v1`,
    { filter: { [`f${position}`]: 0 } },
    Math.min(searches, 800),
    n * share,
  );
  console.log(
    `  ${`${share * 100} %`.padEnd(46)} ${grouped(one.qps)} ${(one.qps / unfiltered).toFixed(2).padStart(15)} ${one.complete ? "always" : "NOT ALWAYS"}`.padEnd(
      80,
    ),
  );
}
const health = await probe.stop();

// --- memory, reload ---------------------------------------------------------------------------------------------------------

const memory = Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${vectord.pid}/status`, "utf8"))![1]) * 1024;
const [flat, graph] = [4 * dimension * n, raw.graphBytes];
console.log(
  `\n/health while all that went on: p50 ${health.p50.toFixed(1)} ms, p99 ${health.p99.toFixed(1)} ms, worst ${health.max.toFixed(1)} ms`,
);
console.log(
  `memory: ${mib(memory)} MiB; 4·d·n + graph = ${mib(flat)} + ${mib(graph)} = ${mib(flat + graph)} MiB, ratio ${(memory / (flat + graph)).toFixed(2)}`,
);
await folded("bench");
const file = join(folder.path, "primary/_vectors/bench.lhv1");
const reloads: number[] = [];
for (let round = 0; round < rounds; round++) {
  await vectord.stop("SIGKILL");
  const started = performance.now();
  vectord = await startVectord(vectord.port);
  await ready();
  reloads.push(seconds(started));
}
const { readSeconds, loadSeconds } = raw.load(file);
const reload = median(reloads);
console.log(
  `reload of ${mib(statSync(file).size)} MiB: ${reload.toFixed(2)} s from exec to ready, ${(reload - emptyStart).toFixed(2)} s more than with no index; ` +
    `raw read ${readSeconds.toFixed(2)} s + hnswlib load ${loadSeconds.toFixed(2)} s, ratio ${((reload - emptyStart) / (readSeconds + loadSeconds)).toFixed(2)}`,
);
const after = await searchThrough(vectord.url, {}, queries.length);
console.log(`recall@${K} after the reload: ${after.recall.toFixed(4)}`);
for (const service of [gateway, vectord, storaged]) await service.stop("SIGKILL");
agent.destroy();

interface Measured {
  qps: number;
  recall: number;
  p50: number;
  p99: number;
  complete: boolean;
  /** Milliseconds of processor a search, of vectord and gateway: what it costs, however busy the machine is. */
  cpu: number[];
}

function others(): Peer[] {
  if (values.peers !== "all") return [];
  return (["f32", "bf16"] as const)
    .map((kind) => usearch(vectors, settings, kind))
    .filter((peer) => peer !== undefined);
}

function keep(name: string, measured: Measured): void {
  results.set(name, [...(results.get(name) ?? []), measured]);
}

/** What else runs on the machine only ever slows a round down. */
function best(name: string): Measured {
  return results.get(name)!.toSorted((a, b) => b.qps - a.qps)[0]!;
}

function searchDirectly(peer: Peer): Measured {
  const cpuOf = () => process.cpuUsage(used).user / 1_000 / searches;
  const found = queries.map((query) => peer.search(query, K));
  const times: number[] = [];
  const used = process.cpuUsage();
  const started = performance.now();
  for (let i = 0; i < searches; i++) {
    const before = performance.now();
    peer.search(queries[i % queries.length]!, K);
    times.push(performance.now() - before);
  }
  return {
    qps: searches / seconds(started),
    recall: recall(found, wanted),
    complete: true,
    cpu: [cpuOf()],
    ...percentiles(times),
  };
}

async function searchThrough(base: string, extra: object, count = searches, matching = n): Promise<Measured> {
  const path = `${new URL(base).pathname.replace(/\/$/, "")}/vectors/index/bench/search`;
  const requests = queries.map((vector) =>
    httpRequest("POST", path, JSON.stringify({ vector: numbersOf(vector), k: K, ef, ...extra }), JSON_HEADER),
  );
  const found: number[][] = [];
  let complete = true;
  const check = (i: number, body: Buffer) => {
    const { results } = JSON.parse(body.toString()) as { results: { id: string }[] };
    found[i] = results.map(({ id }) => Number(id));
    complete &&= results.length === Math.min(K, matching);
  };
  await loadWith(base, { clients: CLIENTS, count: requests.length }, (i) => requests[i]!, check);
  const used = [cpuSeconds(vectord), cpuSeconds(gateway)];
  const { times, seconds } = await loadWith(base, { clients: CLIENTS, count }, (i) => requests[i % requests.length]!);
  const cpu = [vectord, gateway].map((service, i) => ((cpuSeconds(service) - used[i]!) / count) * 1_000);
  const known = matching === n ? recall(found, wanted) : Number.NaN;
  return { qps: count / seconds, recall: known, complete, cpu, ...percentiles(times) };
}

/** As embedd writes them: the digits that a float32 needs, not those of the double beside it. */
function numbersOf(vector: Float32Array): number[] {
  return Array.from(vector, (number) => Number(number.toPrecision(9)));
}

/** A key a share: 0 in that share of the items. */
function metadataOf(row: number): Record<string, number> {
  return Object.fromEntries(shares.map((share, position) => [`f${position}`, row % Math.round(1 / share)]));
}

async function make(name: string): Promise<void> {
  await ask("POST", api, JSON.stringify({ name, dimension }));
}

async function add(name: string, from: number, to: number): Promise<void> {
  const items = vectors.slice(from, to).map((vector, i) => ({
    id: String(from + i),
    vector: numbersOf(vector),
    metadata: metadataOf(from + i),
  }));
  await ask("POST", `${api}/${name}/add`, JSON.stringify({ items }));
}

/** Median milliseconds of a batch of 100, into the full index and into new ones, in turn; what is added is there already. */
async function smallBatches(): Promise<{ full: number; empty: number }> {
  const times = { full: [] as number[], empty: [] as number[] };
  const body = (round: number) =>
    JSON.stringify({
      items: vectors.slice(0, 100).map((vector, i) => ({ id: `small-${round}-${i}`, vector: numbersOf(vector) })),
    });
  for (let round = 0; round < SMALL_BATCHES; round++) {
    await make(`empty-${round}`);
    for (const [kind, name] of [
      ["full", "bench"],
      ["empty", `empty-${round}`],
    ] as const) {
      const text = body(round);
      const started = performance.now();
      await ask("POST", `${api}/${name}/add`, text);
      times[kind].push(performance.now() - started);
      await indexed();
    }
    await ask("DELETE", `${api}/empty-${round}`);
    await ask(
      "POST",
      `${api}/bench/delete`,
      JSON.stringify({ ids: Array.from({ length: 100 }, (_, i) => `small-${round}-${i}`) }),
    );
  }
  return { full: median(times.full), empty: median(times.empty) };
}

/** Asks for /health every few milliseconds for as long as the rest goes on. */
function probeHealth() {
  const times: number[] = [];
  const over = new AbortController();
  const done = (async () => {
    while (!over.signal.aborted) {
      const started = performance.now();
      await ask("GET", `${vectord.url}/health`);
      times.push(performance.now() - started);
      await delay(10);
    }
  })();
  return {
    async stop() {
      over.abort();
      await done;
      return { ...percentiles(times), max: Math.max(...times) };
    },
  };
}

async function indexed(): Promise<void> {
  while (!/^vectord_unindexed_items\S* 0$/m.test(await ask("GET", `${vectord.url}/metrics`))) await delay(20);
}

async function folded(name: string): Promise<void> {
  const log = `${storaged.url}/storage/list?prefix=_vectors/wal/${name}/`;
  while (JSON.parse(await ask("GET", log)).objects.length > 0) await delay(100);
}

async function ready(): Promise<void> {
  const isReady = () =>
    ask("GET", `${vectord.url}/ready`).then(
      () => true,
      () => false,
    );
  while (!(await isReady())) await delay(5);
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

/** Of all threads of a process, since it began. */
function cpuSeconds({ pid }: ServiceProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function percentiles(times: number[]): { p50: number; p99: number } {
  const sorted = times.toSorted((a, b) => a - b);
  return { p50: sorted[Math.floor(sorted.length * 0.5)]!, p99: sorted[Math.floor(sorted.length * 0.99)]! };
}

function row(what: string, perSecond: number, reference?: number): void {
  const ratio = reference === undefined ? "" : (perSecond / reference).toFixed(2);
  console.log(`  ${what.padEnd(46)} ${grouped(perSecond)} ${ratio.padStart(7)}`);
}

function show(what: string, { qps, recall, p50, p99, cpu }: Measured, reference: number): void {
  const cells = [
    (qps / reference).toFixed(2).padStart(7),
    recall.toFixed(4).padStart(11),
    p50.toFixed(2).padStart(8),
    p99.toFixed(2).padStart(8),
    ...cpu.map((ms) => ms.toFixed(3).padStart(10)),
  ];
  console.log(`  ${what.padEnd(46)} ${grouped(qps)} ${cells.join(" ")}`);
}

function grouped(number: number): string {
  return Math.round(number).toLocaleString("en").padStart(10);
}

function mib(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

function seconds(started: number): number {
  return (performance.now() - started) / 1_000;
}
