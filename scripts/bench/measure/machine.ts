import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";

/** In plain words, without a name of it. */
export function machine(): string {
  const processors = cpus();
  const system = /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "Linux";
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${processors.length} cores (${processors[0]!.model.trim()}), ${memory} GiB of memory, ${system}`;
}

/** Of what nearly every bench stands on. */
export function commonVersions(): Record<string, string> {
  const workspace = readFileSync(new URL("../../../pnpm-workspace.yaml", import.meta.url), "utf8");
  const duckdb = /"@duckdb\/node-api": ([\d.]+)/.exec(workspace)![1]!;
  return { Node: process.version.slice(1), DuckDB: duckdb };
}

/** The first number of the form 1.2.3 that a program prints of itself; undefined where it is not there. */
export function versionOf(file: string, ...args: string[]): string | undefined {
  const { stdout, stderr } = spawnSync(file, args, { encoding: "utf8" });
  return /\d+\.\d+\.\d+/.exec(`${stdout}${stderr}`)?.[0];
}
