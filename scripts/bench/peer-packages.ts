import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { commonVersions } from "./measure/machine.ts";

/** Only benches need these, so scripts/setup does not fetch them; they come on demand, once, into a folder that git ignores. */
const folder = fileURLToPath(new URL("../../node_modules/.cache/bench", import.meta.url));

export const peerVersions = { polars: "0.26.1", usearch: "2.26.2", pyarrow: "26.0.1" };

/** @throws Error with the last line of what npm said where it can't be had */
export function usearchPackage(): { Index: new (options: object) => UsearchIndex } {
  return npmPackage("usearch", [`usearch@${peerVersions.usearch}`]);
}

/** @throws Error as above */
export function polarsPackage(): Polars {
  const version = peerVersions.polars;
  // Its binary is named as well: npm leaves optional packages out without a word where one of them is not served.
  return npmPackage("nodejs-polars", [
    `nodejs-polars@${version}`,
    `nodejs-polars-linux-${process.arch}-gnu@${version}`,
  ]);
}

/**
 * A folder for PYTHONPATH with DuckDB and pyarrow: DuckDB's Node package gives no Arrow.
 * @throws Error with the last line of what pip said where they can't be had
 */
export function pythonDuckDb(): string {
  const duckdbVersion = commonVersions()["DuckDB"]!;
  const target = join(folder, `python-${duckdbVersion}-${peerVersions.pyarrow}`);
  const packages = [`duckdb==${duckdbVersion}`, `pyarrow==${peerVersions.pyarrow}`];
  if (!existsSync(join(target, "pyarrow"))) install("pip", "install", "--quiet", "--target", target, ...packages);
  return target;
}

function npmPackage<T>(name: string, packages: readonly string[]): T {
  const prefix = join(folder, packages[0]!);
  if (!existsSync(join(prefix, "node_modules", name))) {
    mkdirSync(prefix, { recursive: true });
    install(
      "npm",
      "install",
      "--no-save",
      "--no-audit",
      "--no-fund",
      "--loglevel=error",
      "--prefix",
      prefix,
      ...packages,
    );
  }
  return createRequire(join(prefix, "package.json"))(name) as T;
}

function install(file: string, ...args: string[]): void {
  const { status, error, stderr } = spawnSync(file, args, { encoding: "utf8", stdio: ["ignore", "ignore", "pipe"] });
  if (status !== 0) throw new Error(error?.message ?? stderr.trim().split("\n").at(-1));
}

interface UsearchIndex {
  add(key: bigint, vector: Float32Array, threads: number): void;
  search(query: Float32Array, k: number, threads: number): { keys: BigUint64Array };
}

interface Polars {
  scanCSV(path: string): { sinkParquet(path: string, options: object): { collect(): Promise<unknown> } };
}
