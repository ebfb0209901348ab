import type { PathwayStats } from "@lakehouse/contracts";
import { Counter, Gauge, type Registry } from "prom-client";
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
export function addMemoryGauges(registry: Registry, loader: MemoryLoader): void {
  const gauges: Record<string, [string, (stats: PathwayStats) => number]> = {
    pathwayd_traces: ["Traces, retired ones included.", ({ traces }) => traces],
    pathwayd_retired_traces: ["Traces that are retired.", ({ retired }) => retired],
    pathwayd_log_bytes: ["Length of the log.", ({ log }) => log.bytes],
    pathwayd_log_garbage_bytes: ["What a compaction would give back, about.", ({ log }) => log.garbage_bytes],
    pathwayd_rejected_lines: ["Lines of the log that were set aside.", ({ log }) => log.rejected_lines],
  };
  for (const [name, [help, read]] of Object.entries(gauges)) {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        if (loader.condition().state === "loaded") this.set(read((await loader.memory()).stats()));
      },
    });
  }
}
