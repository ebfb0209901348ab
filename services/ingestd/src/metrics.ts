import type { IngestResult } from "@lakehouse/contracts";
import { addGauges, counted } from "@lakehouse/server";
import { Counter, type Registry } from "prom-client";
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
    count: (ingest) =>
      counted(ingest, (outcome, result) => {
        outcomes.inc({ outcome });
        if (result) rows.inc(result.row_count);
      }),
    countReceived: (count) => bytes.inc(count),
  };
}

export function addStateGauges(registry: Registry, slots: IngestSlots): void {
  addGauges(registry, { ingestd_ingests_in_flight: ["Ingest slots that are taken.", () => slots.inFlight] });
}
