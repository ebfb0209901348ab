import { join } from "node:path";
import { eventually, temporaryFolder } from "@lakehouse/testing";
import { expect, test } from "vitest";
import { openMemory } from "./open-memory.ts";

test("the next write does not wait until the words of the last one are indexed", async () => {
  await using folder = await temporaryFolder();
  await using opened = await openMemory(join(folder.path, "traces.jsonl"));
  const { memory, log } = opened;
  const add = (content: string) => memory.add({ content, tags: [], namespace: "default" });
  const { version } = (await add("the last one")).view;
  const isIndexed = () => version.document !== -1;
  const append = log.append.bind(log);
  let wasIndexed: boolean | undefined;
  log.append = (bytes) => {
    wasIndexed = isIndexed();
    return append(bytes);
  };
  await add("the next one");
  expect(wasIndexed).toBe(false);
  await eventually("the last one is indexed", isIndexed);
});
