import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { ServiceName } from "@lakehouse/contracts";
import { endWithUs } from "./end-with-us.ts";
import { eventually } from "./eventually.ts";

/** Long, since a busy machine is no fault of the service. */
const START_MS_MAX = 60_000;

const repository = fileURLToPath(new URL("../../../", import.meta.url));
/** As `scripts/up` has it. */
const compileCache = join(repository, "node_modules/.cache/code");

export interface ServiceOptions {
  /** By section and key as in `lakehouse.toml`, such as `{ storaged: { data_dir: folder.path } }`. */
  config?: Record<string, Record<string, unknown>>;
  environment?: Record<string, string>;
  /** To come back on the port of a process that ended; a free one unless told. */
  port?: number;
}

export interface ServiceProcess extends AsyncDisposable {
  url: string;
  port: number;
  pid: number;
  /** Every line of stdout and stderr so far. */
  log(): string;
  /** Signals (SIGTERM unless told), waits for the end, and tells the exit code; null where the signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/**
 * Runs a service as its own process, as a user would, and returns once its `/health` answers.
 * @throws Error with its log when it ends, or stays silent, before that
 */
export async function startService(name: ServiceName, options: ServiceOptions = {}): Promise<ServiceProcess> {
  const child = spawnService(name, options);
  const log = collectOutput(child);
  const exit = once(child, "exit");
  endWithUs(child);
  const stop = async (signal: NodeJS.Signals = "SIGTERM") => {
    child.kill(signal);
    const [code] = await exit;
    return code as number | null;
  };
  try {
    const url = await Promise.race([healthyUrl(name, log), exit.then(() => Promise.reject(new Error("It ended.")))]);
    const port = Number(new URL(url).port);
    return { url, port, pid: child.pid!, log, stop, [Symbol.asyncDispose]: async () => void (await stop("SIGKILL")) };
  } catch (error) {
    await stop("SIGKILL");
    throw new Error(`${name} did not start:\n${log()}`, { cause: error });
  }
}

/** The service itself says where it listens, so that no port has to be guessed. */
async function healthyUrl(name: ServiceName, log: () => string): Promise<string> {
  const url = await eventually(`${name} listens`, () => /"address":"(http:[^"]+)"/.exec(log())?.[1], START_MS_MAX);
  await eventually(`${name} is healthy`, async () => (await fetch(`${url}/health`)).ok);
  return url;
}

type OutputOnly = ChildProcessByStdio<null, Readable, Readable>;

function spawnService(name: ServiceName, options: ServiceOptions): OutputOnly {
  const command = serviceCommand(name, options);
  return spawn(command.file, command.args, { ...command.options, stdio: ["ignore", "pipe", "pipe"] });
}

/** How a service is started, for who runs it by other means than `startService`. */
export function serviceCommand(name: ServiceName, { config = {}, environment = {}, port = 0 }: ServiceOptions) {
  const env: NodeJS.ProcessEnv = {
    ...ownEnvironment(),
    // As scripts/up does.
    NODE_COMPILE_CACHE: compileCache,
    MALLOC_ARENA_MAX: "1",
    [variable(name, "bind")]: `127.0.0.1:${port}`,
    ...asEnvironment(config),
    ...environment,
  };
  return { file: process.execPath, args: [`services/${name}/src/main.ts`], options: { cwd: repository, env } };
}

/** What is set for the person who runs the tests must not reach the service under test. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const isForeign = (key: string) => /^(LAKEHOUSE_|AWS_)/.test(key) || key === "AUTH_TOKEN";
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !isForeign(key)));
}

function asEnvironment(config: Record<string, Record<string, unknown>>): Record<string, string> {
  const pairs = Object.entries(config).flatMap(([section, values]) =>
    Object.entries(values).map(([key, value]) => [variable(section, key), asText(value)] as const),
  );
  return Object.fromEntries(pairs);
}

function asText(value: unknown): string {
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value.join(",");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function variable(section: string, key: string): string {
  return `LAKEHOUSE_${section}_${key}`.toUpperCase();
}

function collectOutput(child: OutputOnly): () => string {
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => chunks.push(chunk));
  }
  return () => chunks.join("");
}
