import type { IngestResult } from "@lakehouse/contracts";
import { LakehouseError } from "@lakehouse/core";
import { Counter, Gauge, type Registry } from "prom-client";
import type { IngestSlots } from "./ingest-slots.ts";

export interface IngestMetrics {
  /** Passes the outcome of an ingest on, and counts it. */
  count(ingest: () => Promise<IngestResult>): Promise<IngestResult>;
  countReceived(bytes: number): void;
}

export function createMetrics(registry: Registry): IngestMetrics {
  const registers = [registry];
  const outcomes = new Counter({
    name: "ingestd_ingests_total",
    help: "Ingests by outcome: ok, or the code of the error.",
    labelNames: ["outcome"],
    registers,
  });
  const rows = new Counter({
    name: "ingestd_rows_total",
    help: "Rows of ingests that became part of a dataset.",
    registers,
  });
  const bytes = new Counter({ name: "ingestd_received_bytes_total", help: "Bytes of CSV that came in.", registers });
  return {
    async count(ingest) {
      try {
        const result = await ingest();
        outcomes.inc({ outcome: "ok" });
        rows.inc(result.row_count);
        return result;
      } catch (error) {
        outcomes.inc({ outcome: error instanceof LakehouseError ? error.code : "internal_error" });
        throw error;
      }
    },
    countReceived: (count) => bytes.inc(count),
  };
}

export function addSlotGauge(registry: Registry, slots: IngestSlots): void {
  new Gauge({
    name: "ingestd_ingests_in_flight",
    help: "Ingest slots that are taken.",
    registers: [registry],
    collect() {
      this.set(slots.inFlight);
    },
  });
}
