import { existsSync } from "node:fs";
import { mkdir, readFile, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { traceSearchRequestSchema } from "@lakehouse/contracts";
import { eventually, temporaryFolder } from "@lakehouse/testing";
import { expect, test } from "vitest";
import { renderHit } from "../src/representation.ts";
import type { TraceMemory } from "../src/trace-memory.ts";
import { openMemory } from "./open-memory.ts";

const replay = (memory: TraceMemory, uid: string) => memory.addIdempotent({ uid, tags: [], namespace: "default" });

async function fill(memory: TraceMemory, replays: number): Promise<void> {
  for (const uid of ["a", "b"]) await memory.add({ uid, content: `content of ${uid}`, tags: [], namespace: "default" });
  await Promise.all(Array.from({ length: replays }, (_, index) => replay(memory, index % 3 === 0 ? "a" : "b")));
}

async function everything(memory: TraceMemory, as_of?: string): Promise<unknown> {
  const when = as_of === undefined ? {} : { as_of };
  const request = traceSearchRequestSchema.parse({ limit: 1000, include_retired: true, ...when });
  return (await memory.search(request)).map((hit) => JSON.parse(renderHit(hit)));
}

test("a log that is mostly replays is written anew, and keeps each of them with its moment", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "traces.jsonl");
  let [middle, then] = ["", undefined as unknown];
  {
    await using open = await openMemory(path, { garbageBytesMin: 100_000 });
    await fill(open.memory, 500);
    middle = ((await everything(open.memory)) as { trace: { updated_at: string } }[])[0]!.trace.updated_at;
    then = await everything(open.memory);
    await Promise.all(Array.from({ length: 1_000 }, () => replay(open.memory, "a")));
    await eventually("the log is compacted", () => open.compactions.includes("ok"));
    expect(open.log.length).toBeLessThan(1_500 * 60);
    expect(open.memory.stats().log).toMatchObject({ compactions: 1, bytes: open.log.length });
    await replay(open.memory, "b");
    expect(existsSync(`${path}.compacting`)).toBe(false);
  }
  await using open = await openMemory(path);
  expect(open.memory.stats().replays).toBe(1_501);
  expect(await everything(open.memory, middle)).toEqual(then);
  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  expect(lines.filter((line) => JSON.parse(line).record.op === "replay").length).toBeLessThan(20);
});

test("a compaction that fails leaves the log as it is, and writes go on", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "traces.jsonl");
  {
    await using open = await openMemory(path, { garbageBytesMin: 1_000, garbageRatioMin: 0 });
    await mkdir(`${path}.compacting`); // in its way
    await fill(open.memory, 100);
    await eventually("it has failed", () => open.compactions.includes("failed"));
    await replay(open.memory, "a");
    expect(open.memory.stats()).toMatchObject({ replays: 101, log: { compactions: 0 } });
  }
  await rmdir(`${path}.compacting`);
  await using open = await openMemory(path);
  expect(open.memory.stats().replays).toBe(101);
});

test("writes go on while a large log is compacted, and none is lost", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "traces.jsonl");
  {
    await using open = await openMemory(path, { garbageBytesMin: 1, garbageRatioMin: 0 });
    await Promise.all(
      Array.from({ length: 1_000 }, (_, index) =>
        open.memory.add({ uid: `${index}`, content: "x".repeat(2_000), tags: [], namespace: "default" }),
      ),
    );
    let replays = 0;
    while (open.compactions.length < 3 || replays < 300) {
      await Promise.all([replay(open.memory, "1"), replay(open.memory, `${replays % 1_000}`)]);
      replays += 2;
    }
    expect(open.compactions).not.toContain("failed");
    expect(open.memory.stats().replays).toBe(replays);
    const before = await everything(open.memory);
    await using again = await openMemory(path);
    expect(await everything(again.memory)).toEqual(before);
  }
});
