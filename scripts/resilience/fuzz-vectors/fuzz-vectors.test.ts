import { testSeed } from "@lakehouse/testing";
import { expect, test } from "vitest";
import { fuzzInProcesses } from "./fuzz-processes.ts";

const FILES = Number(process.env["FUZZ_FILES"] ?? 20_000);

test("no byte of an index in the bucket crashes vectord, or is served wrongly", async () => {
  const { files, outcomes, findings } = await fuzzInProcesses({ seed: testSeed, files: FILES, processes: 2 });
  expect(findings).toEqual([]);
  expect(files).toBe(FILES);
  // Mutations that all are refused at the door would find nothing behind it.
  for (const outcome of ["damaged", "rebuilt", "served"] as const)
    expect(outcomes[outcome]).toBeGreaterThan(FILES / 10);
});
