import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@lakehouse/testing";
import { expect, it } from "vitest";
import type { BenchResult } from "./figure.ts";

const script = `
  import { openBench } from ${JSON.stringify(join(import.meta.dirname, "bench.ts"))};
  const bench = openBench("example", { rows: [500, 5], memory: ["1 GiB", "1 MiB"] });
  bench.note("rows " + bench.settings.rows + ", memory " + bench.settings.memory);
  bench.add({ what: "a path", unit: "s", better: "less", measured: { ours: [1.23456789] } });
  bench.finish();
`;

it("a bench takes its whole sizes unless told, and the quick ones with --quick", async () => {
  await using bench = await exampleBench();
  expect(bench.run()).toContain("rows 500, memory 1 GiB");
  expect(bench.run("--quick")).toContain("rows 5, memory 1 MiB");
  expect(bench.run("--quick", "--rows", "70")).toContain("rows 70, memory 1 MiB");
});

it("a setting that nobody knows, or that is no number, ends the bench", async () => {
  await using bench = await exampleBench();
  expect(() => bench.run("--row", "5")).toThrow(/--row/);
  expect(() => bench.run("--rows", "many")).toThrow(/A number is wanted, not many/);
});

it("--json FILE keeps what was measured, where, and by which command", async () => {
  await using bench = await exampleBench();
  const file = join(bench.path, "example.json");
  bench.run("--quick", "--json", file, "--rows", "70");
  const result = JSON.parse(readFileSync(file, "utf8")) as BenchResult;
  expect(result).toMatchObject({ command: "scripts/bench/example --quick --rows 70", isQuick: true });
  expect(result.versions["Node"]).toBe(process.version.slice(1));
  expect(result.sections).toEqual([
    { title: "", figures: [{ what: "a path", unit: "s", better: "less", measured: { ours: [1.2346] } }] },
  ]);
});

async function exampleBench() {
  const folder = await temporaryFolder();
  const file = join(folder.path, "example-main.mjs");
  writeFileSync(file, script);
  const run = (...args: string[]) =>
    execFileSync(process.execPath, [file, ...args], { encoding: "utf8", stdio: "pipe" });
  return { run, path: folder.path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}
