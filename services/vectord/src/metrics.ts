import { addGauges } from "@lakehouse/server";
import { Counter, type Registry } from "prom-client";
import type { VectorIndexes } from "./vector-indexes.ts";

export interface VectorMetrics {
  countFold(outcome: "ok" | "failed"): void;
}

export function createMetrics(registry: Registry): VectorMetrics {
  const folds = new Counter({
    name: "vectord_folds_total",
    help: "Logs folded into files, by outcome.",
    labelNames: ["outcome"],
    registers: [registry],
  });
  return { countFold: (outcome) => folds.inc({ outcome }) };
}

/** What the indexes hold, read when it is asked for. */
export function addStateGauges(registry: Registry, indexes: VectorIndexes): void {
  const served = () => indexes.served();
  const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
  const states = async () => {
    // Of an index whose thread has just died nothing is known.
    const all = await Promise.allSettled(served().map(({ shards }) => shards.state()));
    return all.flatMap((state) => (state.status === "fulfilled" ? [state.value] : []));
  };
  addGauges(registry, {
    vectord_indexes: ["Indexes that are served.", () => served().length],
    vectord_damaged_indexes: ["Indexes that can't be served.", () => indexes.condition().damaged.length],
    vectord_items: ["Items of all indexes.", () => sum(served().map((index) => index.info().count))],
    vectord_log_bytes: ["Log that is not folded yet.", () => sum(served().map(({ log }) => log?.bytes ?? 0))],
    vectord_unindexed_items: [
      "Items that wait to be added to a graph.",
      async () => sum((await states()).map(({ unindexed }) => unindexed)),
    ],
    vectord_dead_vectors: [
      "Vectors of graphs whose items are gone.",
      async () => sum((await states()).map(({ dead }) => dead)),
    ],
  });
}
