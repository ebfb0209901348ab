import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Trace, traceSearchRequestSchema } from "@lakehouse/contracts";
import { LakehouseError } from "@lakehouse/core";
import { eventually, temporaryFolder } from "@lakehouse/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { renderHit, renderTrace } from "../src/representation.ts";
import type { TraceMemory } from "../src/trace-memory.ts";
import { command, Model, type ModelCommand, type Outcome } from "./model.ts";
import { openMemory } from "./open-memory.ts";

// Thousands of fsyncs, and it is not the disk that these laws are about: where memory can hold files, it does.
if (existsSync("/dev/shm")) process.env["TMPDIR"] = "/dev/shm";

const uid = fc.constantFrom("a", "b", "c", "d", "e");
const namespaces = ["default", "other"];
const namespace = fc.constantFrom(...namespaces);
const tags = fc.subarray(["red", "green"]);
const content = fc.constantFrom<unknown>(
  "a rusty pump",
  { pump: "rusty", valve: [1, 2] },
  { valve: [1, 2], pump: "rusty" },
  { valve: [2, 1], pump: "rusty" },
  null,
  "valve valve pump",
);
const commands: fc.Arbitrary<ModelCommand> = fc.oneof(
  fc.record({ op: fc.constantFrom("add" as const, "addIdempotent" as const), uid, content, tags, namespace }),
  fc.record({ op: fc.constantFrom("replayUid" as const, "retire" as const), uid }),
  fc.record({ op: fc.constant("addContent" as const), content, namespace }),
  fc.record(
    { op: fc.constantFrom("update" as const, "revise" as const), uid, content, tags },
    { requiredKeys: ["op", "uid", "content"] },
  ),
);
/** What stands in one list is sent at once, and so shares a write. */
const batches = fc.array(fc.array(commands, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 8 });

const searches = [{}, { query: "pump" }, { query: "rusty valve", include_retired: true }, { tags: ["red"] }];

interface Recorded {
  request: object;
  results: unknown;
}

async function search(memory: TraceMemory, request: object): Promise<{ trace: Trace; score: number }[]> {
  const parsed = traceSearchRequestSchema.parse({ limit: 1000, ...request });
  return (await memory.search(parsed)).map((hit) => JSON.parse(renderHit(hit)));
}

/** Plays them on both, and sees that both say the same. @returns what was found meanwhile, and when */
async function play(memory: TraceMemory, model: Model, played: ModelCommand[][]): Promise<Recorded[]> {
  const recorded: Recorded[] = [];
  for (const batch of played) {
    const answers = await Promise.allSettled(batch.map((one) => command(memory, one)));
    for (const [index, answer] of answers.entries()) {
      const outcome = outcomeOf(answer);
      expect(model.play(batch[index]!, outcome)).toEqual(outcome);
    }
    const as_of = model.past.at(-1)?.at;
    if (as_of === undefined) continue;
    for (const request of searches) {
      recorded.push({ request: { ...request, as_of }, results: await search(memory, request) });
    }
  }
  return recorded;
}

function outcomeOf(answer: PromiseSettledResult<Awaited<ReturnType<typeof command>>>): Outcome {
  if (answer.status === "fulfilled") {
    return { trace: JSON.parse(renderTrace(answer.value.view)), existing: answer.value.existing };
  }
  if (answer.reason instanceof LakehouseError) return { code: answer.reason.code };
  throw answer.reason;
}

function byUid(traces: Trace[]): Trace[] {
  return traces.toSorted((a, b) => (a.uid < b.uid ? -1 : 1));
}

async function everything(memory: TraceMemory, as_of?: string): Promise<Trace[]> {
  const when = as_of === undefined ? {} : { as_of };
  const hits = await Promise.all(
    namespaces.map((one) => search(memory, { namespace: one, include_retired: true, ...when })),
  );
  return byUid(hits.flat().map(({ trace }) => trace));
}

async function expectPresent(memory: TraceMemory, traces: Trace[]): Promise<void> {
  expect(await everything(memory)).toEqual(byUid(traces));
  for (const trace of traces) expect(JSON.parse(renderTrace(memory.get(trace.uid)))).toEqual(trace);
}

async function expectAll(memory: TraceMemory, model: Model, recorded: Recorded[]): Promise<void> {
  await expectPresent(memory, model.traces);
  for (const { uid: one } of model.traces) {
    expect(memory.history(one).map((view) => JSON.parse(renderTrace(view)))).toEqual(model.history(one));
  }
  for (const { at, traces } of model.past) expect(await everything(memory, at)).toEqual(byUid(traces));
  for (const { request, results } of recorded) expect(await search(memory, request)).toEqual(results);
  expect(memory.stats()).toMatchObject({
    traces: model.traces.length,
    retired: model.traces.filter(({ retired }) => retired).length,
    superseded: model.traces.filter(({ predecessor_uid }) => predecessor_uid !== null).length,
    versions: model.traces.reduce((sum, { version }) => sum + version, 0),
    replays: model.traces.reduce((sum, { replay_count }) => sum + replay_count, 0),
  });
}

test("the memory is the model's, now and at any moment of its past, live, from its log, and from a compacted log", async () => {
  await using folder = await temporaryFolder();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(batches, fc.boolean(), async (played, isCompacting) => {
      const path = join(folder.path, `${run++}.jsonl`);
      const garbage = isCompacting ? { garbageBytesMin: 0, garbageRatioMin: 0 } : {};
      const model = new Model();
      let recorded: Recorded[] = [];
      {
        await using open = await openMemory(path, garbage);
        recorded = await play(open.memory, model, played);
        await expectAll(open.memory, model, recorded);
      }
      {
        await using open = await openMemory(path, garbage);
        await expectAll(open.memory, model, recorded);
        if (isCompacting) await eventually("the log is compacted", () => open.compactions.length > 0);
      }
      await using open = await openMemory(path, garbage);
      await expectAll(open.memory, model, recorded);
      await play(open.memory, model, [[{ op: "add", uid: "last", content: 1, tags: [], namespace: "default" }]]);
      await expectPresent(open.memory, model.traces);
      expect(open.rejected.count).toBe(0);
      expect(open.compactions).not.toContain("failed");
    }),
    { numRuns: 100 },
  );
});

test("a log that is cut at any byte holds what was written whole before the cut, and can be written on", async () => {
  await using folder = await temporaryFolder();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(batches, fc.nat(), async (played, place) => {
      const path = join(folder.path, `${run++}.jsonl`);
      const model = new Model();
      {
        await using open = await openMemory(path);
        await play(open.memory, model, played);
      }
      const log = await readFile(path);
      const cut = log.subarray(0, place % (log.length + 1));
      await writeFile(path, cut);
      // Whole, and only its newline is missing: it counts.
      const isWhole = log[cut.length] === 0x0a;
      const records = cut.toString("latin1").split("\n").length - 1 + Number(isWhole);
      model.traces = structuredClone(model.past[records - 1]?.traces ?? []);
      model.past.length = records;
      for (let time = 0; time < 2; time++) {
        await using open = await openMemory(path);
        await expectAll(open.memory, model, []);
        await play(open.memory, model, [[{ op: "addContent", content: { time }, namespace: "default" }]]);
      }
    }),
    { numRuns: 100 },
  );
});

test("a damaged line costs what it said, and nothing else; it is set aside once", async () => {
  await using folder = await temporaryFolder();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(batches, fc.nat(), fc.integer({ min: 1, max: 255 }), async (played, place, flip) => {
      const path = join(folder.path, `${run++}.jsonl`);
      const model = new Model();
      {
        await using open = await openMemory(path);
        await play(open.memory, model, played);
      }
      const log = await readFile(path);
      fc.pre(log.length > 0);
      const at = place % log.length;
      fc.pre(log[at] !== 0x0a && (log[at]! ^ flip) !== 0x0a);
      const damaged = JSON.parse(lineAt(log, at)).record;
      log[at]! ^= flip;
      await writeFile(path, log);
      const touched = new Set([damaged.uid, damaged.predecessor]);
      for (let time = 0; time < 2; time++) {
        await using open = await openMemory(path);
        expect(open.rejected.count).toBeGreaterThan(0);
        for (const trace of model.traces) {
          const isHurt = touched.has(trace.uid) || touched.has(trace.predecessor_uid);
          if (!isHurt) expect(JSON.parse(renderTrace(open.memory.get(trace.uid)))).toEqual(trace);
        }
        const aside = (await readFile(`${path}.rejected`, "latin1")).trimEnd().split("\n");
        expect(aside).toContain(lineAt(log, at));
        expect(new Set(aside).size).toBe(aside.length);
        expect(aside.length).toBe(open.rejected.count);
      }
    }),
    { numRuns: 100 },
  );
});

function lineAt(log: Buffer, place: number): string {
  const start = log.lastIndexOf(0x0a, place) + 1;
  return log.toString("latin1", start, log.indexOf(0x0a, place));
}
