import { existsSync } from "node:fs";
import { join } from "node:path";
import { traceSearchRequestSchema } from "@lakehouse/contracts";
import { eventually, temporaryFolder } from "@lakehouse/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { renderTrace } from "../src/representation.ts";
import { command, Model, type ModelCommand } from "./model.ts";
import { naiveSearch } from "./naive-search.ts";
import { openMemory } from "./open-memory.ts";

// It is not the disk that these laws are about: where memory can hold files, it does.
if (existsSync("/dev/shm")) process.env["TMPDIR"] = "/dev/shm";

/** Some words are in most texts, some in few, as in any language. */
const word = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("the", "a", "shift") },
  { weight: 2, arbitrary: fc.constantFrom("pump", "valve", "Rust") },
  { weight: 1, arbitrary: fc.constantFrom("oil", "leaky", "İzmir", "x".repeat(70), "日本", "17") },
);
const text = fc.array(word, { maxLength: 8 }).map((words) => words.join(" "));
const uid = fc.integer({ min: 0, max: 30 }).map(String);
const tags = fc.subarray(["red", "green"]);
const namespace = fc.oneof({ weight: 5, arbitrary: fc.constant("default") }, fc.constant("other"));
const commands: fc.Arbitrary<ModelCommand> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ op: fc.constant("add" as const), uid, content: text, tags, namespace }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("addContent" as const), content: text, namespace }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constantFrom("replayUid" as const, "retire" as const), uid }) },
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constantFrom("update" as const, "revise" as const), uid, content: text }),
  },
);

const part = fc.constantFrom(
  "",
  "pump",
  "PUMP v",
  "ust",
  "x".repeat(66),
  "izmir",
  "a 17",
  "7",
  "本",
  " ",
  "nowhere",
  "e l",
);
const searches = fc.record({
  query: fc.oneof(fc.constant(""), text),
  tags: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, tags, fc.constant(["nobody"])),
  content_contains: fc.oneof({ weight: 2, arbitrary: fc.constant("") }, part),
  include_retired: fc.boolean(),
  limit: fc.integer({ min: 1, max: 6 }),
  namespace,
  /** Places in the past: as of one, since another. */
  asOf: fc.option(fc.nat()),
  since: fc.option(fc.nat()),
});

test("a search finds what weighing and sorting all traces finds, now and at any moment of the past, live and from a compacted log", async () => {
  await using folder = await temporaryFolder();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(commands, { minLength: 1, maxLength: 60 }),
      fc.array(searches, { minLength: 10, maxLength: 10 }),
      async (played, asked) => {
        const path = join(folder.path, `${run++}.jsonl`);
        const model = new Model();
        const expectFound = async (memory: Memory) => {
          for (const { asOf, since, ...request } of asked) {
            const momentOf = (place: number) => model.past[place % model.past.length]!;
            const whole = traceSearchRequestSchema.parse({
              ...request,
              ...(asOf !== null && model.past.length > 0 && { as_of: momentOf(asOf).at }),
              ...(since !== null && model.past.length > 0 && { since: momentOf(since).at }),
            });
            const traces = whole.as_of === undefined ? model.traces : momentOf(asOf!).traces;
            const wanted = naiveSearch(traces, whole);
            const found = await memory.search(whole);
            expect(found.map(({ view }) => view.version.trace.uid)).toEqual(wanted.map((one) => one.uid));
            for (const [index, { score }] of found.entries()) expect(score).toBeCloseTo(wanted[index]!.score, 9);
          }
        };
        {
          await using open = await openMemory(path);
          for (const one of played) {
            const answer = await command(open.memory, one).catch(() => undefined);
            if (answer) model.play(one, { trace: JSON.parse(renderTrace(answer.view)), existing: answer.existing });
          }
          await expectFound(open.memory);
        }
        {
          await using open = await openMemory(path, { garbageBytesMin: 0, garbageRatioMin: 0 });
          await eventually("the log is compacted", () => open.compactions.length > 0);
          await expectFound(open.memory);
        }
        await using open = await openMemory(path);
        await expectFound(open.memory);
      },
    ),
    { numRuns: 200 },
  );
});

type Memory = Awaited<ReturnType<typeof openMemory>>["memory"];
