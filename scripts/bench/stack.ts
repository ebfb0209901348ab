import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
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
  /** Of `[queryd]`. */
  queryd?: Record<string, unknown>;
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
  const querydConfig = { ...peers, ...temp, ...options.queryd };
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
  return outputOf("curl", "-sSf", ...args);
}

/** What a script beside this one prints, in a Node of its own. */
export async function outputOfScript(name: string, ...args: string[]): Promise<string> {
  return outputOf(process.execPath, join(import.meta.dirname, name), ...args);
}

/** @throws Error where the program does not exit 0 */
export async function outputOf(file: string, ...args: string[]): Promise<string> {
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
  const exit = once(child, "exit");
  const output = (await child.stdout.toArray()).join("");
  const [code] = await exit;
  if (code !== 0) throw new Error(`${file} ended with ${code}.`);
  return output;
}

/** Sends a CSV to ingestd. @returns the key of the one object that the dataset has */
export async function ingestFile(ingestd: ServiceProcess, name: string, file: string): Promise<string> {
  const answer = await curl(
    ...["-T", file, "-X", "POST", "-H", "content-type: text/csv"],
    `${ingestd.url}/ingest?name=${name}`,
  );
  return (JSON.parse(answer) as { object: { key: string } }).object.key;
}
