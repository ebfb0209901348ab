import { join } from "node:path";
import { traceSearchRequestSchema } from "@lakehouse/contracts";
import { temporaryFolder } from "@lakehouse/testing";
import { expect, it } from "vitest";
import { openMemory } from "./open-memory.ts";

it.each(["C", "C++", "C#"])(
  "a search for %s finds what is written in it, and in no other of the three",
  async (query) => {
    await using folder = await temporaryFolder();
    await using opened = await openMemory(join(folder.path, "traces.jsonl"));
    const { memory } = opened;
    for (const language of ["C", "C++", "C#"]) {
      await memory.add({ uid: language, content: `a parser in ${language}`, tags: [], namespace: "default" });
    }
    const hits = await memory.search(traceSearchRequestSchema.parse({ query }));
    expect(hits.filter(({ score }) => score > 0).map(({ view }) => view.version.trace.uid)).toEqual([query]);
  },
);
