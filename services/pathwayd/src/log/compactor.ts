import type { Logger } from "@lakehouse/server";
import { type Compaction, compact } from "./compact.ts";
import { COMPACTION_RETRY_MS, GARBAGE_BYTES_MIN, GARBAGE_RATIO_MIN } from "./limits.ts";

export interface CompactorDependencies extends Omit<Compaction, "signal"> {
  logger: Logger;
  onCompaction(outcome: "ok" | "failed"): void;
  /** When to compact, where it is not as `limits.ts` has it. */
  garbageBytesMin?: number;
  garbageRatioMin?: number;
}

/** Knows how much of the log is garbage, about, and has it written anew when that is too much. */
export class Compactor {
  readonly #dependencies: CompactorDependencies;
  readonly #stopping = new AbortController();
  #garbageBytes = 0;
  #compactions = 0;
  #notBefore = 0;
  #work: Promise<void> | undefined;

  constructor(dependencies: CompactorDependencies) {
    this.#dependencies = dependencies;
  }

  get garbageBytes(): number {
    return this.#garbageBytes;
  }

  /** That succeeded. */
  get compactions(): number {
    return this.#compactions;
  }

  addGarbage(bytes: number): void {
    this.#garbageBytes += bytes;
  }

  /** Called after every write; starts in the background what is due. */
  compactIfDue(): void {
    if (this.#work || !this.#isDue() || this.#stopping.signal.aborted) return;
    this.#work = this.#run().finally(() => {
      this.#work = undefined;
    });
  }

  /** A compaction that is under way is given up; the log stays as it is. */
  async stop(): Promise<void> {
    this.#stopping.abort(new DOMException("The service stops.", "AbortError"));
    await this.#work;
  }

  #isDue(): boolean {
    const { log, garbageBytesMin = GARBAGE_BYTES_MIN, garbageRatioMin = GARBAGE_RATIO_MIN } = this.#dependencies;
    const bytesMin = Math.max(garbageBytesMin, log.length * garbageRatioMin);
    return this.#garbageBytes >= bytesMin && performance.now() >= this.#notBefore;
  }

  async #run(): Promise<void> {
    const { logger, log, onCompaction } = this.#dependencies;
    const { signal } = this.#stopping;
    const [garbage, bytes] = [this.#garbageBytes, log.length];
    try {
      await compact({ ...this.#dependencies, signal });
      this.#garbageBytes -= garbage;
      this.#compactions += 1;
      onCompaction("ok");
      logger.info({ bytes_before: bytes, bytes_after: log.length }, "the log was compacted");
    } catch (error) {
      if (signal.aborted) return;
      this.#notBefore = performance.now() + COMPACTION_RETRY_MS;
      onCompaction("failed");
      logger.warn({ err: error }, "the log can't be compacted; it stays as it is");
    }
  }
}
