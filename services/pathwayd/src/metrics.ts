import type { PathwayStats } from "@lakehouse/contracts";
import { addGauges } from "@lakehouse/server";
import { Counter, type Registry } from "prom-client";
import type { MemoryLoader } from "./memory-loader.ts";
import type { TraceMemoryDependencies } from "./trace-memory.ts";

export function createMetrics(
  registry: Registry,
): Required<Pick<TraceMemoryDependencies, "onCommit" | "onCompaction">> {
  const registers = [registry];
  const commits = new Counter({ name: "pathwayd_log_writes_total", help: "Durable writes to the log.", registers });
  const events = new Counter({ name: "pathwayd_log_events_total", help: "Events in these writes.", registers });
  const compactions = new Counter({
    name: "pathwayd_compactions_total",
    help: "Compactions of the log, by outcome.",
    labelNames: ["outcome"],
    registers,
  });
  return {
    onCommit: (count) => {
      if (count > 0) commits.inc();
      events.inc(count);
    },
    onCompaction: (outcome) => compactions.inc({ outcome }),
  };
}

/** What the memory holds, read when it is asked for; nothing while the log is read. */
export function addStateGauges(registry: Registry, loader: MemoryLoader): void {
  const reading = (read: (stats: PathwayStats) => number) => async () =>
    loader.condition().state === "loaded" ? read((await loader.memory()).stats()) : undefined;
  addGauges(registry, {
    pathwayd_traces: ["Traces, retired ones included.", reading(({ traces }) => traces)],
    pathwayd_retired_traces: ["Traces that are retired.", reading(({ retired }) => retired)],
    pathwayd_log_bytes: ["Length of the log.", reading(({ log }) => log.bytes)],
    pathwayd_log_garbage_bytes: ["What a compaction would give back, about.", reading(({ log }) => log.garbage_bytes)],
    pathwayd_rejected_lines: ["Lines of the log that were set aside.", reading(({ log }) => log.rejected_lines)],
  });
}
