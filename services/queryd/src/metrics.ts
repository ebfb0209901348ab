import type { ResultFormat } from "@lakehouse/contracts";
import { addGauges, counted } from "@lakehouse/server";
import { Counter, type Registry } from "prom-client";
import type { CachedObjectAccess } from "./objects/object-access-cache.ts";
import type { QuerySlots } from "./session/query-slots.ts";
import type { DatasetViews } from "./views/dataset-views.ts";
import { everything } from "./views/visibility.ts";

export interface QueryMetrics {
  /** Passes on what becomes of a query until its first bytes, and counts it. */
  count<T>(format: ResultFormat, run: () => Promise<T>): Promise<T>;
}

export function createMetrics(registry: Registry): QueryMetrics {
  const queries = new Counter({
    name: "queryd_queries_total",
    help: "Queries by format and outcome: ok, or the code of the error.",
    labelNames: ["format", "outcome"],
    registers: [registry],
  });
  return {
    count: (format, run) => counted(run, (outcome) => queries.inc({ format, outcome })),
  };
}

/** What queryd holds, read when it is asked for. */
export function addStateGauges(
  registry: Registry,
  { slots, views, cache }: { slots: QuerySlots; views: DatasetViews; cache: CachedObjectAccess["cache"] | undefined },
): void {
  const countOf = (status: string) => views.list(everything).filter((dataset) => dataset.status === status).length;
  addGauges(registry, {
    queryd_queries_running: ["Query places that are taken.", () => slots.running],
    queryd_queries_waiting: ["Queries that wait for a place.", () => slots.waiting],
    queryd_datasets: ["Datasets that can be queried.", () => countOf("ready")],
    queryd_datasets_failed: ["Datasets that can't be read.", () => countOf("failed")],
  });
  if (!cache) return;
  addGauges(registry, {
    queryd_cache_bytes: ["Bytes of objects in the cache.", () => cache.bytes],
    queryd_cache_objects: ["Objects in the cache.", () => cache.fileCount],
  });
}
