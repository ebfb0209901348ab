import { mkdir, realpath, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { LakehouseError } from "@lakehouse/core";
import type { Logger } from "@lakehouse/server";
import { LOAD_WAIT_MS_MAX } from "./limits.ts";
import { AppendLog } from "./log/append-log.ts";
import { temporaryPath } from "./log/compact.ts";
import { lockLog } from "./log/log-lock.ts";
import { RejectedLines } from "./log/rejected-lines.ts";
import { TraceMemory, type TraceMemoryDependencies } from "./trace-memory.ts";

export interface MemoryLoaderDependencies extends Omit<TraceMemoryDependencies, "log" | "rejected"> {
  logPath: string;
  logger: Logger;
}

/** What is wrong with the memory, or not there yet. */
export type MemoryCondition =
  | { state: "loading" }
  | { state: "failed"; reason: string }
  | {
      state: "loaded";
      rejectedLines: number;
      /** Whether the last write failed, and what it left has still to be cut off. */
      isInDoubt: boolean;
      /** Contents of the log whose words are not indexed since it was read: a search waits for them. */
      unindexed: number;
    };

/** Opens the log and reads it while the service answers already. */
export class MemoryLoader {
  readonly #dependencies: MemoryLoaderDependencies;
  readonly #stopping = new AbortController();
  readonly #loaded = Promise.withResolvers<TraceMemory>();
  #closeStore: () => Promise<void> = async () => {};
  #reading: Promise<void> | undefined;
  #condition: () => MemoryCondition = () => ({ state: "loading" });

  constructor(dependencies: MemoryLoaderDependencies) {
    this.#dependencies = dependencies;
    this.#loaded.promise.catch(() => {}); // told by the condition, and by each call of `memory`
  }

  /**
   * Takes the log; reads it in the background.
   * @throws Error where it can't be opened, or another process has it
   */
  async start(): Promise<void> {
    const path = await canonicalPath(this.#dependencies.logPath);
    const lock = lockLog(path);
    const log = await AppendLog.open(path);
    const rejected = await RejectedLines.open(`${path}.rejected`);
    await rm(temporaryPath(path), { force: true });
    const memory = new TraceMemory({ ...this.#dependencies, log, rejected });
    this.#closeStore = async () => {
      await memory.close();
      await log.close();
      lock[Symbol.dispose]();
    };
    this.#reading = this.#read(memory, log, rejected);
  }

  /** @throws LakehouseError `not_loaded` where the log is not read in time */
  async memory(): Promise<TraceMemory> {
    if (this.#condition().state !== "loading") return this.#loaded.promise;
    const late = delay(LOAD_WAIT_MS_MAX, undefined, { ref: false }).then(() => {
      throw notLoaded();
    });
    return Promise.race([this.#loaded.promise, late]);
  }

  condition(): MemoryCondition {
    return this.#condition();
  }

  async close(): Promise<void> {
    this.#stopping.abort(new DOMException("The service stops.", "AbortError"));
    await this.#reading;
    await this.#closeStore();
  }

  async #read(memory: TraceMemory, log: AppendLog, rejected: RejectedLines): Promise<void> {
    try {
      await memory.load(this.#stopping.signal);
      this.#condition = () => ({
        state: "loaded",
        rejectedLines: rejected.count,
        isInDoubt: log.isInDoubt,
        unindexed: memory.unindexed,
      });
      this.#loaded.resolve(memory);
    } catch (error) {
      this.#condition = () => ({ state: "failed", reason: (error as Error).message });
      this.#loaded.reject(notLoaded(error));
      if (!this.#stopping.signal.aborted) this.#dependencies.logger.error({ err: error }, "the log can't be read");
    }
  }
}

function notLoaded(cause?: unknown): LakehouseError {
  return new LakehouseError("not_loaded", "The log is not read to its end.", { cause, retryAfterSeconds: 1 });
}

/** One name for one log, however it was written: the lock goes by it, and a compaction must not replace a symbolic link. */
async function canonicalPath(logPath: string): Promise<string> {
  const folder = dirname(resolve(logPath));
  await mkdir(folder, { recursive: true });
  const path = join(await realpath(folder), basename(logPath));
  return realpath(path).catch(() => path); // not there yet
}
