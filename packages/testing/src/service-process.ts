import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import type { ServiceName } from "@lakehouse/contracts";
import { endWithUs } from "./end-with-us.ts";
import { eventually } from "./eventually.ts";
import { mergeConfig, type ServiceConfig, type ServiceOptions, serviceCommand } from "./service-command.ts";

/** Long, since a busy machine is no fault of the service. */
const START_MS_MAX = 60_000;

export interface ServiceProcess extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Every line of stdout and stderr since it started last. */
  log(): string;
  /** Signals (SIGTERM unless told), waits for the end, and tells the exit code; null where the signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Ends it as a power cut would, unless it has ended, and brings it back on its port with these changes. */
  restart(changes?: ServiceConfig): Promise<void>;
}

/**
 * Runs a service as its own process, as a user would, and returns once its `/health` answers.
 * @throws Error with its log when it ends, or stays silent, before that
 */
export async function startService(name: ServiceName, options: ServiceOptions = {}): Promise<ServiceProcess> {
  let config = options.config ?? {};
  let current = await startProcess(name, options);
  const { url } = current;
  const port = Number(new URL(url).port);
  return {
    url,
    port,
    get pid() {
      return current.pid;
    },
    log: () => current.log(),
    stop: (signal) => current.stop(signal),
    async restart(changes = {}) {
      await current.stop("SIGKILL");
      config = mergeConfig(config, changes);
      current = await startProcess(name, { ...options, config, port });
    },
    [Symbol.asyncDispose]: async () => void (await current.stop("SIGKILL")),
  };
}

type Run = Pick<ServiceProcess, "url" | "pid" | "log" | "stop">;

async function startProcess(name: ServiceName, options: ServiceOptions): Promise<Run> {
  const { file, args, options: spawnOptions } = serviceCommand(name, options);
  const child = spawn(file, args, { ...spawnOptions, stdio: ["ignore", "pipe", "pipe"] });
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
    return { url, pid: child.pid!, log, stop };
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

function collectOutput(child: ChildProcessByStdio<null, Readable, Readable>): () => string {
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => chunks.push(chunk));
  }
  return () => chunks.join("");
}
