import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import type { ServiceName } from "@lakehouse/contracts";
import { endWithUs, eventually, type ServiceOptions, serviceCommand } from "@lakehouse/testing";

/** Long, since a busy machine is no fault of the service. */
const START_MS_MAX = 120_000;

/** A service on a fixed port that ends and comes back, as often as it must. Its log goes to a file. */
export class Daemon {
  readonly name: ServiceName;
  readonly url: string;
  readonly #options: ServiceOptions;
  readonly #logFile: string;
  #child: ChildProcess | undefined;
  #ends: Promise<unknown> = Promise.resolve();
  /** Ends of the process that nobody asked for. */
  readonly crashes: string[] = [];
  readonly #meantToEnd = new Set<ChildProcess>();

  constructor(name: ServiceName, logFile: string, options: ServiceOptions & { port: number }) {
    this.name = name;
    this.url = `http://127.0.0.1:${options.port}`;
    this.#options = options;
    this.#logFile = logFile;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Returns once `/health` answers. @throws Error where it ends before, or stays silent */
  async start(environment: Record<string, string> = {}): Promise<void> {
    const { file, args, options } = serviceCommand(this.name, {
      ...this.#options,
      environment: { ...this.#options.environment, ...environment },
    });
    const log = openSync(this.#logFile, "a");
    const child = spawn(file, args, { ...options, stdio: ["ignore", log, log] });
    endWithUs(child);
    this.#child = child;
    this.#ends = once(child, "exit").then(([code, signal]) => {
      if (!this.#meantToEnd.delete(child))
        this.crashes.push(`${this.name} ended by itself (${signal ?? `exit ${code}`})`);
    });
    await eventually(`${this.name} is healthy`, () => this.#answersOrEnded(), START_MS_MAX);
    if (!this.isRunning) throw new Error(`${this.name} did not start; its log is ${this.#logFile}`);
  }

  async #answersOrEnded(): Promise<boolean> {
    return !this.isRunning || (await fetch(`${this.url}/health`)).ok;
  }

  /** @returns the exit code; null where a signal ended it */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    if (!this.isRunning) return this.#child?.exitCode ?? null;
    this.#meantToEnd.add(this.#child!);
    this.#child!.kill(signal);
    if (signal === "SIGKILL") this.#child!.kill("SIGCONT"); // a stopped process dies at once, but tells it only then
    await this.#ends;
    return this.#child!.exitCode;
  }

  /** Stands still with all its connections open, as a machine that swaps. */
  freeze(): void {
    this.#child!.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child!.kill("SIGCONT");
  }
}
