import { addGauges } from "@lakehouse/server";
import { Counter, type Registry } from "prom-client";

/** What storaged counts beside what every daemon does. Sizes are those of objects stored and of answers sent to the end. */
export function createMetrics(registry: Registry) {
  const registers = [registry];
  return {
    operations: new Counter({
      name: "storaged_operations_total",
      help: "Operations on objects; result is ok or the code of the error.",
      labelNames: ["bucket", "operation", "result"] as const,
      registers,
    }),
    bytesIn: new Counter({
      name: "storaged_bytes_in_total",
      help: "Bytes of objects that were stored.",
      labelNames: ["bucket"] as const,
      registers,
    }),
    bytesOut: new Counter({
      name: "storaged_bytes_out_total",
      help: "Bytes of objects, or ranges of them, that were read to their end.",
      labelNames: ["bucket"] as const,
      registers,
    }),
  };
}

export function addStateGauges(registry: Registry, inFlight: () => number): void {
  addGauges(registry, { storaged_puts_in_flight: ["PUT slots that are taken.", inFlight] });
}
