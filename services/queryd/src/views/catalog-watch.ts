import type { CatalogClient } from "@lakehouse/clients";
import { backgroundContext } from "@lakehouse/core";
import type { Logger } from "@lakehouse/server";
import type { DatasetViews } from "./dataset-views.ts";

interface Dependencies {
  catalog: Pick<CatalogClient, "list">;
  views: DatasetViews;
  logger: Logger;
  /** Deadline of one question to catalogd. */
  timeoutMs: number;
  /** The ticker beneath; 0 turns it off. */
  everyMs: number;
}

/**
 * Keeps the views those of the catalog: one conditional request before each query. A dataset that was registered before a
 * query was sent is seen by it, so a query may join a check only as long as that check has not been sent.
 */
export class CatalogWatch {
  readonly #dependencies: Dependencies;
  #etag: string | undefined;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #ticker: NodeJS.Timeout | undefined;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Resolves when the views are those of the catalog at a moment after the call.
   * @throws LakehouseError `upstream_unavailable`, `upstream_timeout` …: what is not known to be fresh is not served
   */
  refresh(): Promise<void> {
    if (this.#next !== undefined) return this.#next;
    if (this.#running === undefined) return this.#start();
    const ended = this.#running.catch(() => {}); // its failure is for those who asked for it
    this.#next = ended.then(() => this.#start());
    return this.#next;
  }

  start(): void {
    const { everyMs } = this.#dependencies;
    if (everyMs > 0) this.#ticker = setInterval(() => void this.#tick(), everyMs).unref();
    void this.#tick();
  }

  stop(): void {
    clearInterval(this.#ticker);
  }

  #start(): Promise<void> {
    this.#next = undefined;
    this.#running = this.#check().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #check(): Promise<void> {
    const { catalog, views, timeoutMs } = this.#dependencies;
    const listing = await catalog.list(backgroundContext(timeoutMs), this.#etag);
    if (listing === "not_modified") return;
    await views.apply(listing.manifests);
    this.#etag = listing.etag;
  }

  async #tick(): Promise<void> {
    const { views, logger } = this.#dependencies;
    try {
      await this.refresh();
      await views.retryFailed();
    } catch (error) {
      logger.warn({ err: error }, "the catalog can't be read; trying again");
    }
  }
}
