import { backgroundContext, type RequestContext } from "@lakehouse/core";
import { BackgroundWork, type Logger } from "@lakehouse/server";
import type { Catalog } from "./catalog.ts";
import type { GarbageCollector } from "./garbage.ts";
import { BACKGROUND_MS_MAX, FIRST_LOAD_MS_MAX, REREAD_EVERY_MS } from "./limits.ts";

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
  readonly #work = new BackgroundWork();

  constructor(dependencies: UpkeepDependencies) {
    this.#dependencies = dependencies;
  }

  /** One attempt, for before the service listens: where storaged is there, no client ever meets `not_loaded`. */
  async tryLoad(): Promise<void> {
    try {
      await this.#dependencies.catalog.load(backgroundContext(FIRST_LOAD_MS_MAX));
    } catch (error) {
      this.#dependencies.logger.warn({ err: error }, "the catalog can't be loaded; trying until it can");
    }
  }

  start(): void {
    this.#work.start(() => this.#run());
  }

  stop(): Promise<void> {
    return this.#work.stop();
  }

  async #run(): Promise<void> {
    const { catalog, gcEveryMs } = this.#dependencies;
    if (!(await this.#load())) return;
    this.#every(REREAD_EVERY_MS, "reading manifests again", (context) => catalog.recheck(context));
    if (gcEveryMs > 0) this.#every(gcEveryMs, "collecting garbage", (context) => this.#collect(context));
  }

  async #load(): Promise<boolean> {
    const { catalog, logger } = this.#dependencies;
    if (catalog.condition().loaded) return true;
    return this.#work.untilDone(
      () => catalog.load(this.#work.context(BACKGROUND_MS_MAX)),
      (error) => logger.debug({ err: error }, "the catalog still can't be loaded"),
    );
  }

  async #collect(context: RequestContext): Promise<void> {
    const { collector, logger } = this.#dependencies;
    const { removed, bytes } = await collector.collect(false, context);
    logger.info({ removed, bytes }, "garbage collected");
  }

  #every(periodMs: number, what: string, work: (context: RequestContext) => Promise<void>): void {
    this.#work.every(
      periodMs,
      () => work(this.#work.context(BACKGROUND_MS_MAX)),
      (error) => this.#dependencies.logger.warn({ err: error }, `${what} failed`),
    );
  }
}
