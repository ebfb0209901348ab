import { setTimeout as delay } from "node:timers/promises";
import { backgroundContext, type RequestContext } from "@lakehouse/core";
import type { Logger } from "@lakehouse/server";
import type { Catalog } from "./catalog.ts";
import type { GarbageCollector } from "./garbage.ts";
import {
  BACKGROUND_MS_MAX,
  FIRST_LOAD_MS_MAX,
  LOAD_RETRY_MS_MAX,
  LOAD_RETRY_MS_MIN,
  REREAD_EVERY_MS,
} from "./limits.ts";

/** Node's timers turn anything longer into one millisecond. */
const TIMER_MS_MAX = 2 ** 31 - 1;

export interface UpkeepDependencies {
  catalog: Catalog;
  collector: GarbageCollector;
  logger: Logger;
  /** 0: garbage is collected only when asked for. */
  gcEveryMs: number;
}

/** The work that no request asks for: loading at start, reading again what is damaged or in doubt, collecting garbage. */
export class Upkeep {
  readonly #dependencies: UpkeepDependencies;
  readonly #stopping = new AbortController();
  #work: Promise<unknown> = Promise.resolve();

  constructor(dependencies: UpkeepDependencies) {
    this.#dependencies = dependencies;
  }

  /** One attempt, for before the service listens: where storaged is there, no client ever meets `not_loaded`. */
  async tryLoad(): Promise<void> {
    try {
      await this.#dependencies.catalog.load(this.#context(FIRST_LOAD_MS_MAX));
    } catch (error) {
      this.#dependencies.logger.warn({ err: error }, "the catalog can't be loaded; trying until it can");
    }
  }

  start(): void {
    this.#work = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#work;
  }

  async #run(): Promise<void> {
    const { catalog, gcEveryMs } = this.#dependencies;
    await this.#load();
    await Promise.all([
      this.#every(REREAD_EVERY_MS, "reading manifests again", (context) => catalog.recheck(context)),
      gcEveryMs > 0 ? this.#every(gcEveryMs, "collecting garbage", (context) => this.#collect(context)) : undefined,
    ]);
  }

  async #collect(context: RequestContext): Promise<void> {
    const { collector, logger } = this.#dependencies;
    const { removed, bytes } = await collector.collect(false, context);
    logger.info({ removed, bytes }, "garbage collected");
  }

  async #load(): Promise<void> {
    const { catalog, logger } = this.#dependencies;
    for (
      let pauseMs = LOAD_RETRY_MS_MIN;
      !catalog.condition().loaded;
      pauseMs = Math.min(2 * pauseMs, LOAD_RETRY_MS_MAX)
    ) {
      if (!(await this.#pause(pauseMs))) return;
      try {
        await catalog.load(this.#context(BACKGROUND_MS_MAX));
      } catch (error) {
        logger.debug({ err: error }, "the catalog still can't be loaded");
      }
    }
  }

  async #every(periodMs: number, what: string, work: (context: RequestContext) => Promise<void>): Promise<void> {
    while (await this.#pause(Math.min(periodMs, TIMER_MS_MAX))) {
      try {
        await work(this.#context(BACKGROUND_MS_MAX));
      } catch (error) {
        if (!this.#stopping.signal.aborted) this.#dependencies.logger.warn({ err: error }, `${what} failed`);
      }
    }
  }

  #context(deadlineMs: number): RequestContext {
    const context = backgroundContext(deadlineMs);
    return { ...context, signal: AbortSignal.any([context.signal, this.#stopping.signal]) };
  }

  /** @returns false where the service stops meanwhile */
  async #pause(ms: number): Promise<boolean> {
    const { signal } = this.#stopping;
    await delay(ms, undefined, { signal }).catch(() => {}); // rejects only when the service stops, which the signal tells
    return !signal.aborted;
  }
}
