import { Worker } from "node:worker_threads";

/** Such a thread makes next to no objects; without a bound V8 lets its young generation grow to 48 MB. */
const YOUNG_GENERATION_MB_MAX = 4;

/**
 * Threads that convert files, one at a time each. One that is done waits for the next file: its code is compiled and optimised
 * by then, which takes a new thread a tenth of a second, and a quarter of a second of processor time on a large file.
 */
export class ConversionThreads {
  readonly #idle = new Set<Worker>();

  take(): Worker {
    const [waiting] = this.#idle;
    if (waiting === undefined) return this.#start();
    this.#idle.delete(waiting);
    return waiting;
  }

  /** Only of a thread that has answered. */
  giveBack(thread: Worker): void {
    this.#idle.add(thread);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#idle].map((thread) => thread.terminate()));
  }

  #start(): Worker {
    const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB_MAX };
    const thread = new Worker(new URL("./convert-worker.ts", import.meta.url), { resourceLimits });
    thread.once("exit", () => this.#idle.delete(thread));
    return thread;
  }
}
