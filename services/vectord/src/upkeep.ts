import { BackgroundWork, type Logger } from "@lakehouse/server";
import { FOLD_RETRY_MS, TICK_MS } from "./limits.ts";
import { BACKGROUND_MS_MAX } from "./persistence/limits.ts";
import type { VectorIndex } from "./vector-index.ts";
import type { VectorIndexes } from "./vector-indexes.ts";

export interface UpkeepDependencies {
  indexes: VectorIndexes;
  logger: Logger;
  foldBytes: number;
  foldIdleMs: number;
  onFold: (outcome: "ok" | "failed") => void;
}

/** The work that no request asks for: loading, folding logs into files, removing what deleted indexes left. */
export class Upkeep {
  readonly #dependencies: UpkeepDependencies;
  readonly #work = new BackgroundWork();
  /** Of `performance.now()`, by index whose last fold failed. */
  readonly #foldAgainAt = new WeakMap<VectorIndex, number>();

  constructor(dependencies: UpkeepDependencies) {
    this.#dependencies = dependencies;
  }

  start(): void {
    this.#work.start(() => this.#keepLoaded());
    this.#work.start(() => this.#keepFolded());
  }

  /** Logs are not folded once more: they are as durable as files, and stopping should be quick. */
  stop(): Promise<void> {
    return this.#work.stop();
  }

  /** At start, and again when a thread died; only the first failure of a row is told. */
  async #keepLoaded(): Promise<void> {
    const { indexes, logger } = this.#dependencies;
    const onError = (error: unknown, failures: number) => {
      if (failures === 1) logger.warn({ err: error }, "indexes can't be loaded; trying until they can");
    };
    do {
      if (!indexes.condition().loaded) await this.#work.untilDone(() => this.#load(), onError);
    } while (await this.#work.pause(TICK_MS));
  }

  async #load(): Promise<void> {
    const { indexes, logger } = this.#dependencies;
    await indexes.load(this.#work.context(BACKGROUND_MS_MAX));
    logger.info({ indexes: indexes.served().length }, "indexes loaded");
  }

  async #keepFolded(): Promise<void> {
    const { indexes } = this.#dependencies;
    while (await this.#work.pause(TICK_MS)) {
      for (const index of indexes.served()) {
        if (this.#work.isStopping) return;
        if (await this.#isDue(index)) await this.#fold(index);
      }
      await indexes.clean();
    }
  }

  /** At so many bytes; or when nothing came for a while and the graph is complete. */
  async #isDue(index: VectorIndex): Promise<boolean> {
    const { indexes, foldBytes, foldIdleMs } = this.#dependencies;
    if (index.log === undefined || performance.now() < (this.#foldAgainAt.get(index) ?? 0)) return false;
    if (index.log.weight >= foldBytes) return true;
    const isStale = !index.log.isEmpty || indexes.hasGraphFault(index.name);
    return isStale && index.idleMs >= foldIdleMs && (await isIndexed(index));
  }

  async #fold(index: VectorIndex): Promise<void> {
    const { indexes, logger, onFold } = this.#dependencies;
    const started = performance.now();
    try {
      await indexes.fold(index);
      logger.info({ index: index.name, duration_ms: Math.round(performance.now() - started) }, "log folded");
      onFold("ok");
    } catch (error) {
      this.#foldAgainAt.set(index, performance.now() + FOLD_RETRY_MS);
      logger.warn({ index: index.name, err: error }, "folding a log failed; it will be tried again");
      onFold("failed");
    }
  }
}

async function isIndexed(index: VectorIndex): Promise<boolean> {
  // Where a thread has died the index is about to be loaded anew.
  const state = await index.shards.state().catch(() => undefined);
  return state?.unindexed === 0;
}
