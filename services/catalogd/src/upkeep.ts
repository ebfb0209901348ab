import { setTimeout as delay } from "node:timers/promises";
import { backgroundContext } from "@lakehouse/clients";
import type { RequestContext } from "@lakehouse/contracts";
import type { Logger } from "@lakehouse/server";
import type { Catalog } from "./catalog.ts";
import type { GarbageCollector } from "./garbage.ts";
import { BACKGROUND_MS_MAX, LOAD_RETRY_MS_MAX, LOAD_RETRY_MS_MIN, REREAD_EVERY_MS } from "./limits.ts";

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

  /** Until storaged is there; only the first failure is told. */
  async #load(): Promise<void> {
    const { catalog, logger } = this.#dependencies;
    for (let attempt = 0; !this.#stopping.signal.aborted; attempt++) {
      try {
        return await catalog.load(this.#context());
      } catch (error) {
        if (attempt === 0) logger.warn({ err: error }, "the catalog can't be loaded; trying until it can");
      }
      await this.#pause(Math.min(LOAD_RETRY_MS_MIN * 2 ** attempt, LOAD_RETRY_MS_MAX));
    }
  }

  async #every(periodMs: number, what: string, work: (context: RequestContext) => Promise<void>): Promise<void> {
    while (await this.#pause(Math.min(periodMs, TIMER_MS_MAX))) {
      try {
        await work(this.#context());
      } catch (error) {
        if (!this.#stopping.signal.aborted) this.#dependencies.logger.warn({ err: error }, `${what} failed`);
      }
    }
  }

  #context(): RequestContext {
    const context = backgroundContext(BACKGROUND_MS_MAX);
    return { ...context, signal: AbortSignal.any([context.signal, this.#stopping.signal]) };
  }

  /** @returns false where the service stops meanwhile */
  async #pause(ms: number): Promise<boolean> {
    const { signal } = this.#stopping;
    await delay(ms, undefined, { signal }).catch(() => {}); // rejects only when the service stops, which the signal tells
    return !signal.aborted;
  }
}
