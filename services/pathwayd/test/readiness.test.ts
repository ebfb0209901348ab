import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { ask, eventually } from "@lakehouse/testing";
import { expect, test } from "vitest";
import { eventToJson } from "../src/log/event-json.ts";
import { encodeLine } from "../src/log/log-line.ts";
import { readiness } from "../src/readiness.ts";
import { contentOf } from "../src/traces/content.ts";
import { openPathwayd } from "./open-pathwayd.ts";

const TRACES = 20_000;

test("a search waits for the words of a log that was just read; readiness says so until it need not", async () => {
  await using pathwayd = await openPathwayd({ isStarted: false });
  await mkdir(dirname(pathwayd.logPath));
  await writeFile(pathwayd.logPath, Array.from({ length: TRACES }, (_, index) => line(index)).join(""));
  await pathwayd.loader.start();
  await eventually("the log is read", () => pathwayd.loader.memory());
  expect(readiness(pathwayd.loader.condition())).toMatchObject({
    log: { status: "ok" },
    search: { status: "degraded", details: { unindexed: expect.any(Number) } },
  });
  const { body } = await pathwayd.post("search", { query: `n${TRACES - 1}` });
  expect(body.results).toHaveLength(1);
  const ready = async () => (await ask("GET", `${pathwayd.origin}/ready`)).body;
  await eventually("it is ready", async () => (await ready()).status === "ok");
  expect(await ready()).toMatchObject({ checks: { search: { status: "ok" } } });
});

function line(index: number): string {
  const content = contentOf(`content n${index}`);
  const named = { uid: `t-${index}`, namespace: "default", tags: [] };
  return encodeLine(eventToJson({ op: "add", at: index + 1, ...named, content }));
}
