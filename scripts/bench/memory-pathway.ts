import { closeSync, createWriteStream, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  AppendLog,
  contentOf,
  encodeLine,
  eventToJson,
  RejectedLines,
  type TraceEvent,
  TraceMemory,
} from "@lakehouse/pathwayd/internals";
import { testPlatform } from "@lakehouse/server";
import { eventually, type ServiceProcess, startService, temporaryFolder } from "@lakehouse/testing";
import { Random } from "../tools/workers-csv/random.ts";
import { makeWorker } from "../tools/workers-csv/worker.ts";
import { httpRequest, loadWith } from "./load.ts";
import type { Bench } from "./measure/bench.ts";
import { type Cost, median } from "./measure/figure.ts";
import { byWorkers, inTurn } from "./measure/in-turn.ts";
import { cpuSeconds, peakMemoryMiB } from "./measure/process-cost.ts";

const WRITERS = 16;
const BARE = "append + fdatasync, synchronous";

export interface PathwaySizes {
  rounds: number;
  /** Durable adds a round of one writer. */
  adds: number;
  /** In the log that is replayed, so many times. */
  records: number;
  replays: number;
  traces: number;
  /** A round, of each kind. */
  searches: number;
}

type Report = Pick<Bench, "add" | "section">;

const random = new Random(1);

/** Traces: writes beside a bare loop that does no more than make each line durable, the replay of a long log, searches. */
export async function measurePathway(bench: Report, sizes: PathwaySizes): Promise<void> {
  await using folder = await temporaryFolder();
  await durableAdds(bench, sizes, folder.path);
  await replays(bench, sizes, folder.path);
  await searching(bench, sizes, folder.path);
}

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

async function durableAdds(bench: Report, { rounds, adds }: PathwaySizes, folder: string): Promise<void> {
  const contents = Array.from({ length: adds * WRITERS }, (_, id) => makeContent(id));
  const lines = contents.slice(0, adds).map((content) => Buffer.from(line(addEvent(content))));
  await using pathwayd = await start(join(folder, "http.jsonl"));
  const requests = contents.map((content) => post("/pathway/add", { content, tags: ["shift"] }));
  const overHttp = async (clients: number) => {
    const count = adds * Math.min(clients, 4);
    const { seconds } = await loadWith(pathwayd.url, { clients, count }, (index) => requests[index]!);
    return count / seconds;
  };
  let logs = 0;
  const nextLog = () => join(folder, `${logs++}.jsonl`);
  await overHttp(1); // left out: nothing is compiled yet
  const runs = await inTurn(rounds, {
    [BARE]: () => bareLoop(nextLog(), lines),
    one: () => addsPerSecond(nextLog(), contents.slice(0, adds), 1),
    many: () => addsPerSecond(nextLog(), contents, WRITERS),
    httpOne: () => overHttp(1),
    httpMany: () => overHttp(WRITERS),
  });
  const mean = Math.round(lines.reduce((sum, { length }) => sum + length, 0) / lines.length);
  bench.section(`Durable adds of traces, ${mean} bytes a line`);
  const add = (what: string, ours: number[], factor?: number) =>
    bench.add({
      what,
      unit: "a second",
      better: "more",
      measured: { [what]: ours, [BARE]: runs[BARE]! },
      reaches: factor === undefined ? [] : [{ peer: BARE, factor }],
    });
  add("pathwayd's writer, 1 at a time", runs["one"]!, 0.8);
  add(`pathwayd's writer, ${WRITERS} at once`, runs["many"]!, 6);
  add("over HTTP, 1 client", runs["httpOne"]!);
  add(`over HTTP, ${WRITERS} clients`, runs["httpMany"]!);
}

function addEvent(content: unknown): TraceEvent {
  const at = Date.now() * 1_000;
  return {
    op: "add",
    at,
    uid: crypto.randomUUID(),
    namespace: "default",
    tags: ["shift"],
    content: contentOf(content),
  };
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
  await byWorkers(contents, writers, (content) => memory.add({ content, tags: ["shift"], namespace: "default" }));
  const rate = perSecond(contents.length, started);
  await memory.close();
  await log.close();
  return rate;
}

// --- replay ---------------------------------------------------------------------------------------------------------------

async function replays(bench: Report, { records, replays }: PathwaySizes, folder: string): Promise<void> {
  const path = join(folder, "replay.jsonl");
  await pipeline(Readable.from(logLines(records)), createWriteStream(path));
  const costs: Cost[] = [];
  const replay = async () => {
    const started = performance.now();
    await using pathwayd = await start(path);
    const seconds = (performance.now() - started) / 1_000;
    costs.push({ process: "pathwayd", peakMiB: peakMemoryMiB(pathwayd), cpuSeconds: cpuSeconds(pathwayd) });
    return seconds;
  };
  bench.section(`Replay of a log of ${records.toLocaleString("en")} records, from the start of the process to /ready`);
  const measured = await inTurn(replays, { pathwayd: replay });
  bench.add({ what: "replay", unit: "s", better: "less", measured, reaches: [{ limit: 15 }], costs: costs.slice(-1) });
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

async function searching(bench: Report, { rounds, traces, searches }: PathwaySizes, folder: string): Promise<void> {
  const path = join(folder, "search.jsonl");
  await pipeline(Readable.from(logLines(Math.round(traces / 0.7))), createWriteStream(path));
  await using pathwayd = await start(path);
  const asOf = new Date(Date.UTC(2026, 0, 1) + traces / 2).toISOString();
  const kinds: Record<string, { make: (index: number) => object; limit?: number }> = {
    "a sentence of five to ten words": { make: (index) => ({ query: makeContent(index).task }), limit: 10 },
    "a sentence, retired ones too, explained": {
      make: (index) => ({ query: makeContent(index).task, include_retired: true, explain: true }),
      limit: 10,
    },
    "a sentence, as of the middle": { make: (index) => ({ query: makeContent(index).task, as_of: asOf }), limit: 10 },
    "the newest": { make: () => ({}), limit: 10 },
    "a text that is in one of them": { make: (index) => ({ content_contains: `WORKER ${index + 1} acc` }) },
    "a text that is in none": { make: (index) => ({ content_contains: `nowhere ${index}` }) },
  };
  const p50 = async (make: (index: number) => object) => {
    const requests = Array.from({ length: searches }, (_, index) => post("/pathway/search", make(index)));
    const { times } = await loadWith(pathwayd.url, { clients: 1, count: searches }, (index) => requests[index]!);
    return median(times);
  };
  for (const { make } of Object.values(kinds)) await p50(make); // left out: the first search waits for the words' index
  const sides = Object.entries(kinds).map(([what, { make }]) => [what, () => p50(make)] as const);
  const runs = await inTurn(rounds, Object.fromEntries(sides));
  bench.section(`Search over ${traces.toLocaleString("en")} traces: over HTTP, one client, p50`);
  for (const [what, { limit }] of Object.entries(kinds)) {
    const reaches = limit === undefined ? [] : [{ limit }];
    bench.add({ what, unit: "ms", better: "less", measured: { [what]: runs[what]! }, reaches });
  }
}

// --- what they share --------------------------------------------------------------------------------------------------------

async function start(path: string): Promise<ServiceProcess> {
  const config = { pathwayd: { log_path: path }, log: { level: "info" } };
  const pathwayd = await startService("pathwayd", { config });
  await eventually("the log is read", async () => (await fetch(`${pathwayd.url}/ready`)).ok, 300_000);
  return pathwayd;
}

function post(path: string, body: object): Buffer {
  return httpRequest("POST", path, JSON.stringify(body), "content-type: application/json\r\n");
}

function perSecond(count: number, started: number): number {
  return (count / (performance.now() - started)) * 1_000;
}
