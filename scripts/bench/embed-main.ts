import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { parseArgs } from "node:util";
import { startService } from "@lakehouse/testing";
import { embedText } from "../../services/embedd/src/hashing/embed-text.ts";
import { VectorCache, vectorKey } from "../../services/embedd/src/vector-cache.ts";
import { renderVector } from "../../services/embedd/src/vector-json.ts";
import { Random } from "../workers-csv/random.ts";
import { makeWorker } from "../workers-csv/worker.ts";

const DIMENSION = 768;
const BATCH = 512;
const CLIENTS = 8;
const HITS = 4_000;
const ROUNDS = 10;
const IN_PROCESS_TEXTS = 1_000;

const { values } = parseArgs({ options: { texts: { type: "string", default: "20000" } } });
const count = Number(values.texts);
const random = new Random(1);
const workers = Array.from({ length: count }, (_, index) => makeWorker(index + 1, random));
const resumes = workers.map(({ resume_text }) => resume_text);
const sentences = workers.map(
  ({ role, city, certifications, worker_id: id }) => `${role} in ${city} with ${certifications} ${id}`,
);

console.log(`${count} texts, ${DIMENSION} numbers a vector, node ${process.version}\n`);
inProcess();
await throughTheGateway();

function inProcess(): void {
  console.log("in-process, one thread                          µs a text      texts/s");
  const cache = new VectorCache(IN_PROCESS_TEXTS * 2);
  for (const [what, texts] of [
    ["sentence", sentences.slice(0, IN_PROCESS_TEXTS)],
    ["résumé", resumes.slice(0, IN_PROCESS_TEXTS)],
  ] as const) {
    const vectors = texts.map((text) => embedText(text, DIMENSION));
    each(`hash a ${what}`, texts, (text) => embedText(text, DIMENSION));
    each(`write its vector as JSON`, vectors, renderVector);
    for (const [index, text] of texts.entries()) cache.set(vectorKey("m", text), renderVector(vectors[index]!));
    each(`find it in the cache`, texts, (text) => cache.get(vectorKey("m", text)));
  }
}

/** The best of some rounds: what else runs on the machine only ever adds. */
function each<T>(what: string, items: readonly T[], work: (item: T) => unknown): void {
  const round = () => {
    const started = performance.now();
    for (const item of items) work(item);
    return ((performance.now() - started) * 1_000) / items.length;
  };
  const micros = Math.min(...Array.from({ length: ROUNDS }, round));
  console.log(`${what.padEnd(44)} ${micros.toFixed(2).padStart(12)} ${grouped(1e6 / micros)}`);
}

async function throughTheGateway(): Promise<void> {
  await using embedd = await startService("embedd", { config: { embedd: { cache_size: count * 3 } } });
  await using gateway = await startService("gateway", { config: { gateway: { embedd_url: embedd.url } } });
  const agent = new Agent({ keepAlive: true });
  const call = (path: string, body?: string) => send(agent, gateway.url + path, body);
  const embed = (texts: string[]) => call("/v1/embed", JSON.stringify({ texts }));

  console.log("\nthrough the gateway, 2 clients, batches of 512     ms a batch      texts/s   embedd's CPU, µs a text");
  for (const [what, texts] of [
    ["sentences", sentences],
    ["résumés", resumes],
    ["résumés, all from the cache", resumes],
  ] as const) {
    const batches = Array.from({ length: Math.ceil(count / BATCH) }, (_, index) =>
      texts.slice(index * BATCH, (index + 1) * BATCH),
    );
    const started = performance.now();
    const cpuBefore = cpuSeconds(embedd.pid);
    const times = await run(batches, 2, embed);
    const perSecond = (count * 1_000) / (performance.now() - started);
    const cpu = ((cpuSeconds(embedd.pid) - cpuBefore) * 1e6) / count;
    console.log(`${what.padEnd(44)} ${ms(median(times))} ${grouped(perSecond)} ${cpu.toFixed(1).padStart(12)}`);
  }

  console.log("\nthrough the gateway, ms                               p50          p99");
  const hits = Array.from({ length: HITS }, (_, index) => [resumes[index % count]!]);
  report("one text from the cache, 1 client", await run(hits, 1, embed));
  report(`one text from the cache, ${CLIENTS} clients`, await run(hits, CLIENTS, embed));
  report("GET /v1/embed/stats, 1 client (the floor)", await run(hits, 1, () => call("/v1/embed/stats")));

  const long = Array.from({ length: BATCH }, (_, index) =>
    `${index} ${resumes.slice(index, index + 60).join(" ")}`.slice(0, 32_000),
  );
  let isDone = false;
  const batch = embed(long).finally(() => {
    isDone = true;
  });
  const answers: number[] = [];
  while (!isDone) answers.push(...(await run([0], 1, () => send(agent, `${embedd.url}/health`))));
  await batch;
  report("/health beside 512 texts of 32 kB", answers);
  agent.destroy();
}

/** Of a process, user and system: what it costs whatever else runs beside it. Linux counts in hundredths. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Milliseconds of each, so many at a time. */
async function run<T>(items: readonly T[], clients: number, work: (item: T) => Promise<unknown>): Promise<number[]> {
  const rest = items.values();
  const times: number[] = [];
  const client = async () => {
    for (const item of rest) times.push(await timed(() => work(item)));
  };
  await Promise.all(Array.from({ length: clients }, client));
  return times;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function send(agent: Agent, url: string, body?: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    const outgoing = request(url, { method: body === undefined ? "GET" : "POST", agent, headers }, (response) => {
      response.on("error", reject).on("end", resolve).resume();
      if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode}`));
    });
    outgoing.on("error", reject).end(body);
  });
}

function report(what: string, times: readonly number[]): void {
  console.log(`${what.padEnd(44)} ${ms(median(times))} ${ms(quantile(times, 0.99))}`);
}

function median(times: readonly number[]): number {
  return quantile(times, 0.5);
}

function ms(time: number): string {
  return time.toFixed(3).padStart(12);
}

function grouped(number: number): string {
  return Math.round(number).toLocaleString("en").padStart(12);
}

function quantile(times: readonly number[], part: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN;
}
