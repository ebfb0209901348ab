import type { ResultFormat } from "@lakehouse/contracts";
import { LakehouseError } from "@lakehouse/core";
import { Counter, Gauge, type Registry } from "prom-client";
import type { CachedObjectAccess } from "./objects/object-access-cache.ts";
import type { QuerySlots } from "./query-slots.ts";
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
    async count(format, run) {
      try {
        const result = await run();
        queries.inc({ format, outcome: "ok" });
        return result;
      } catch (error) {
        queries.inc({ format, outcome: error instanceof LakehouseError ? error.code : "internal_error" });
        throw error;
      }
    },
  };
}

/** What queryd holds, read when it is asked for. */
export function addGauges(
  registry: Registry,
  { slots, views, cache }: { slots: QuerySlots; views: DatasetViews; cache: CachedObjectAccess["cache"] | undefined },
): void {
  const countOf = (status: string) => views.list(everything).filter((dataset) => dataset.status === status).length;
  addGauge(registry, "queryd_queries_running", "Query places that are taken.", () => slots.running);
  addGauge(registry, "queryd_queries_waiting", "Queries that wait for a place.", () => slots.waiting);
  addGauge(registry, "queryd_datasets", "Datasets that can be queried.", () => countOf("ready"));
  addGauge(registry, "queryd_datasets_failed", "Datasets that can't be read.", () => countOf("failed"));
  if (!cache) return;
  addGauge(registry, "queryd_cache_bytes", "Bytes of objects in the cache.", () => cache.bytes);
  addGauge(registry, "queryd_cache_objects", "Objects in the cache.", () => cache.fileCount);
}

function addGauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}
