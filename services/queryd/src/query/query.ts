import type { ResultFormat } from "@lakehouse/contracts";
import type { RequestContext } from "@lakehouse/core";
import type { Logger } from "@lakehouse/server";
import type { Engine } from "../engine/engine.ts";
import type { Parameters } from "../engine/parameters.ts";
import type { QueryClock } from "../session/query-clock.ts";
import type { QuerySlots } from "../session/query-slots.ts";
import type { CatalogWatch } from "../views/catalog-watch.ts";
import type { DatasetViews } from "../views/dataset-views.ts";
import type { Visibility } from "../views/visibility.ts";
import type { StatementCache } from "./statement-cache.ts";

/** One client's statement, with all that decides its answer. */
export interface Query {
  sql: string;
  parameters: Parameters;
  format: ResultFormat;
  /** Its signal aborts when the client leaves, and when the clock runs out. */
  context: RequestContext;
  visibility: Visibility;
  clock: QueryClock;
  /** By `performance.now()`. */
  startedAt: number;
  /** The datasets that it was seen to read. */
  reads: Set<string>;
}

export interface RunnerDependencies {
  engine: Engine;
  views: DatasetViews;
  watch: CatalogWatch;
  slots: QuerySlots;
  logger: Logger;
  /** Longest a query may run; a request may ask for less. */
  timeoutMs: number;
  /** Results that can't be streamed are made here; the engine may touch it. */
  exportFolder: string;
  /** Objects lie here: an error or a plan that shows one of these folders is kept back. */
  objectFolders: readonly string[];
}

/** Shared by the steps of all queries. */
export interface QueryDependencies extends RunnerDependencies {
  statements: StatementCache;
}
