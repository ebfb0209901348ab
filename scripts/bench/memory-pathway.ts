import { closeSync, createWriteStream, fdatasyncSync, openSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";
import { testPlatform } from "@lakehouse/server";
import { eventually, type ServiceProcess, startService, temporaryFolder } from "@lakehouse/testing";
import { AppendLog } from "../../services/pathwayd/src/log/append-log.ts";
import { eventToJson } from "../../services/pathwayd/src/log/event-json.ts";
import { encodeLine } from "../../services/pathwayd/src/log/log-line.ts";
import { RejectedLines } from "../../services/pathwayd/src/log/rejected-lines.ts";
import { TraceMemory } from "../../services/pathwayd/src/trace-memory.ts";
import { contentOf } from "../../services/pathwayd/src/traces/content.ts";
import type { TraceEvent } from "../../services/pathwayd/src/traces/trace-event.ts";
import { Random } from "../workers-csv/random.ts";
import { makeWorker } from "../workers-csv/worker.ts";
import { httpRequest, loadWith } from "./load.ts";
import { median } from "./stack.ts";

const { values } = parseArgs({
  options: {
    adds: { type: "string", default: "2000" },
    rounds: { type: "string", default: "7" },
    records: { type: "string", default: "1000000" },
    traces: { type: "string", default: "100000" },
    searches: { type: "string", default: "300" },
  },
});
const [adds, rounds] = [Number(values.adds), Number(values.rounds)];
const [records, traces, searches] = [Number(values.records), Number(values.traces), Number(values.searches)];
const WRITERS = 16;

await using folder = await temporaryFolder();
const random = new Random(1);
console.log(`node ${process.version}\n`);
await durableAdds();
await replays();
await searching();

/** What an agent would remember of a task. */
function makeContent(id: number): { task: string; steps: string; outcome: string } {
  const { role, city, skills, certifications, worker_id } = makeWorker(id, random);
  return {
    task: `fill a shift: ${role} in ${city}`,
    steps: `asked for ${skills}; checked ${certifications}`,
    outcome: `worker ${worker_id} accepted`,
  };
}

// --- durable adds ---------------------------------------------------------------------------------------------------------

async function durableAdds(): Promise<void> {
  const contents = Array.from({ length: adds * WRITERS }, (_, id) => makeContent(id));
  const event = (content: unknown): TraceEvent => ({
    op: "add",
    at: Date.now() * 1_000,
    uid: crypto.randomUUID(),
    namespace: "default",
    tags: ["shift"],
    content: contentOf(content),
  });
  const lines = contents.slice(0, adds).map((content) => Buffer.from(encodeLine(eventToJson(event(content)))));
  const rates = { bare: [] as number[], one: [] as number[], many: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    rates.bare.push(bareLoop(join(folder.path, `bare-${round}`), lines));
    rates.one.push(await addsPerSecond(join(folder.path, `one-${round}.jsonl`), contents.slice(0, adds), 1));
    rates.many.push(await addsPerSecond(join(folder.path, `many-${round}.jsonl`), contents, WRITERS));
  }
  const ratio = (ours: number[]) => median(ours.map((rate, round) => rate / rates.bare[round]!)).toFixed(2);
  const mean = Math.round(lines.reduce((sum, { length }) => sum + length, 0) / lines.length);
  console.log(`durable adds, ${mean} bytes a line, median of ${rounds} rounds     adds/s    ratio   reach`);
  row("bare append + fdatasync, synchronous", rates.bare);
  row("the memory, 1 writer", rates.one, ratio(rates.one), "≥ 0.8");
  row(`the memory, ${WRITERS} writers`, rates.many, ratio(rates.many), "≥ 6");
  await overHttp(contents, median(rates.bare));
}

/** The peer: one line after the other, each durable before the next. */
function bareLoop(path: string, lines: readonly Buffer[]): number {
  const file = openSync(path, "a");
  const started = performance.now();
  for (const line of lines) {
    writeSync(file, line);
    fdatasyncSync(file);
  }
  const rate = perSecond(lines.length, started);
  closeSync(file);
  return rate;
}

async function addsPerSecond(path: string, contents: readonly unknown[], writers: number): Promise<number> {
  const log = await AppendLog.open(path);
  const rejected = await RejectedLines.open(`${path}.rejected`);
  const memory = new TraceMemory({ log, rejected, logger: testPlatform("pathwayd").logger });
  await memory.load(AbortSignal.timeout(60_000));
  const started = performance.now();
  await inTurn(contents, writers, (content) => memory.add({ content, tags: ["shift"], namespace: "default" }));
  const rate = perSecond(contents.length, started);
  await memory.close();
  await log.close();
  return rate;
}

/** The same through the service, where a request costs more than the disk does. */
async function overHttp(contents: readonly unknown[], bare: number): Promise<void> {
  await using pathwayd = await start(join(folder.path, "http.jsonl"));
  const requests = contents.map((content) => post("/pathway/add", { content, tags: ["shift"] }));
  for (const clients of [1, WRITERS]) {
    const count = adds * Math.min(clients, 4);
    await loadWith(pathwayd.url, { clients, count: 500 }, (index) => requests[index]!);
    const { seconds } = await loadWith(pathwayd.url, { clients, count }, (index) => requests[index]!);
    const rate = count / seconds;
    row(`over HTTP, ${clients} client${clients > 1 ? "s" : ""}`, [rate], (rate / bare).toFixed(2));
  }
}

// --- replay ---------------------------------------------------------------------------------------------------------------

async function replays(): Promise<void> {
  const path = join(folder.path, "replay.jsonl");
  await pipeline(Readable.from(logLines(records)), createWriteStream(path));
  const started = performance.now();
  await using pathwayd = await start(path);
  const seconds = (performance.now() - started) / 1_000;
  const status = await readFile(`/proc/${pathwayd.pid}/status`, "utf8");
  const peakMiB = Number(/VmHWM:\s+(\d+)/.exec(status)![1]) / 1024;
  console.log(`\nreplay of ${records} records: ${seconds.toFixed(1)} s from the start of the process to /ready`);
  console.log(`peak memory ${Math.round(peakMiB)} MiB; reach ≤ 15 s for 1,000,000`);
}

/** Seven of ten add, the others change what is there. */
function* logLines(count: number): Generator<string> {
  const uids: string[] = [];
  const first = Date.UTC(2026, 0, 1) * 1_000;
  for (let index = 0; index < count; index++) {
    const at = first + index * 1_000;
    const uid = uids.length === 0 ? "" : uids[random.integer(0, uids.length - 1)]!;
    const kind = uids.length === 0 ? 0 : index % 10;
    if (kind < 7) {
      uids.push(`t-${index}`);
      yield line({ op: "add", at, uid: `t-${index}`, namespace: "default", tags: ["shift"], ...said(index) });
    } else if (kind < 9) yield line({ op: "replay", at: [at], uid });
    else yield line({ op: "update", at, uid, tags: ["shift"], ...said(index) });
  }
}

function said(index: number) {
  return { content: contentOf(makeContent(index)) };
}

function line(event: TraceEvent): string {
  return encodeLine(eventToJson(event));
}

// --- search ---------------------------------------------------------------------------------------------------------------

async function searching(): Promise<void> {
  const path = join(folder.path, "search.jsonl");
  await pipeline(Readable.from(logLines(Math.round(traces / 0.7))), createWriteStream(path));
  await using pathwayd = await start(path);
  const asOf = new Date(Date.UTC(2026, 0, 1) + traces / 2).toISOString();
  const kinds: Record<string, (index: number) => object> = {
    "a sentence of five to ten words": (index) => ({ query: makeContent(index).task }),
    "a sentence, retired ones too, explained": (index) => ({
      query: makeContent(index).task,
      include_retired: true,
      explain: true,
    }),
    "a sentence, as of the middle": (index) => ({ query: makeContent(index).task, as_of: asOf }),
    "the newest": () => ({}),
    "a text that is in one of them": (index) => ({ content_contains: `WORKER ${index + 1} acc` }),
    "a text that is in none": (index) => ({ content_contains: `nowhere ${index}` }),
  };
  console.log(`\nsearch over ${traces} traces, over HTTP                p50 ms     p95 ms   reach`);
  for (const [what, make] of Object.entries(kinds)) {
    const requests = Array.from({ length: searches }, (_, index) => post("/pathway/search", make(index)));
    const load = { clients: 1, count: searches };
    const { times } = await loadWith(pathwayd.url, load, (index) => requests[index]!);
    times.sort((a, b) => a - b);
    const at = (share: number) => times[Math.floor(times.length * share)]!.toFixed(2).padStart(10);
    console.log(`${what.padEnd(46)} ${at(0.5)} ${at(0.95)}   < 10`);
  }
}

// --- what they share --------------------------------------------------------------------------------------------------------

async function start(path: string): Promise<ServiceProcess> {
  const config = { pathwayd: { log_path: path }, log: { level: "info" } };
  const pathwayd = await startService("pathwayd", { config });
  await eventually("the log is read", async () => (await fetch(`${pathwayd.url}/ready`)).ok, 300_000);
  return pathwayd;
}

/** So many at once, each as soon as the one before it is done. */
async function inTurn<T>(items: readonly T[], workers: number, work: (item: T) => Promise<unknown>): Promise<void> {
  const left = items.values();
  const worker = async () => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: workers }, worker));
}

function post(path: string, body: object): Buffer {
  return httpRequest("POST", path, JSON.stringify(body), "content-type: application/json\r\n");
}

function perSecond(count: number, started: number): number {
  return (count / (performance.now() - started)) * 1_000;
}

function row(what: string, rates: readonly number[], ratio = "", reach = ""): void {
  const rate = Math.round(median([...rates])).toLocaleString("en");
  console.log(`${what.padEnd(46)} ${rate.padStart(10)} ${ratio.padStart(8)}   ${reach}`);
}
