import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { type ServiceProcess, startService } from "@lakehouse/testing";

/** The data plane, each service its own process. */
export interface Stack extends AsyncDisposable {
  gateway: ServiceProcess;
  ingestd: ServiceProcess;
  queryd: ServiceProcess;
  /** One more, on the same catalog and store. */
  startQueryd(config: Record<string, unknown>): Promise<ServiceProcess>;
}

export interface StackOptions {
  /** Of `[storaged]`, where it is not the fs store. */
  storage?: Record<string, unknown>;
  environment?: Record<string, string>;
}

/** @param data folder for everything that is kept */
export async function startStack(data: string, options: StackOptions = {}): Promise<Stack> {
  await using started = new AsyncDisposableStack();
  const { environment = {} } = options;
  const open = (name: Parameters<typeof startService>[0], config: Record<string, unknown>) =>
    startService(name, { config: { storaged: storage, [name]: config }, environment });
  const start = async (...service: Parameters<typeof open>) => started.use(await open(...service));
  const storage = { data_dir: join(data, "objects"), max_put_bytes: "4 GiB", ...options.storage };
  const storaged = await start("storaged", storage);
  const catalogd = await start("catalogd", { storaged_url: storaged.url });
  const peers = { storaged_url: storaged.url, catalogd_url: catalogd.url };
  const ingestd = await start("ingestd", { ...peers, spool_dir: join(data, "spool"), max_ingest_bytes: "4 GiB" });
  const temp = { temp_dir: join(data, "temp"), cache_dir: join(data, "cache") };
  const querydConfig = { ...peers, ...temp };
  const queryd = await start("queryd", querydConfig);
  const gateway = await start("gateway", { ...peers, ingestd_url: ingestd.url, queryd_url: queryd.url });
  const running = started.move();
  const startQueryd = async (config: Record<string, unknown>) =>
    running.use(await open("queryd", { ...querydConfig, ...config }));
  return { gateway, ingestd, queryd, startQueryd, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Makes the CSV of workers that every bench is on. */
export async function makeCsv(target: string, rows: number): Promise<string> {
  const script = fileURLToPath(new URL("../make-workers-csv", import.meta.url));
  const child = spawn(script, [String(rows)], { stdio: ["ignore", "pipe", "inherit"] });
  await pipeline(child.stdout, createWriteStream(target));
  return target;
}

/** Runs curl as a user would. @returns what it answered */
export async function curl(...args: string[]): Promise<string> {
  return outputOf(spawn("curl", ["-sSf", ...args], { stdio: ["ignore", "pipe", "inherit"] }));
}

/** @throws Error where the process does not exit 0 */
export async function outputOf(child: ChildProcess): Promise<string> {
  const exit = once(child, "exit");
  const output = (await child.stdout!.toArray()).join("");
  const [code] = await exit;
  if (code !== 0) throw new Error(`${child.spawnfile} ended with ${code}.`);
  return output;
}

/** Forgets how much memory the process ever had, so that the next peak is of what comes next. */
export function resetPeakMemory({ pid }: ServiceProcess): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

/** Resident, in MiB. */
export function peakMemory({ pid }: ServiceProcess): number {
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))!;
  return Math.round(Number(kilobytes) / 1024);
}

/** Sends a CSV to ingestd. @returns the key of the one object that the dataset has */
export async function ingestFile(ingestd: ServiceProcess, name: string, file: string): Promise<string> {
  const answer = await curl(
    ...["-T", file, "-X", "POST", "-H", "content-type: text/csv"],
    `${ingestd.url}/ingest?name=${name}`,
  );
  return (JSON.parse(answer) as { object: { key: string } }).object.key;
}

export async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
