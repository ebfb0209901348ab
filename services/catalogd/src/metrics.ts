import type { ObjectInfo, RegisterMode, RegisterResult } from "@lakehouse/contracts";
import { addGauges, counted } from "@lakehouse/server";
import { Counter, type Registry } from "prom-client";
import type { Catalog } from "./catalog.ts";

export interface CatalogMetrics {
  /** Passes the outcome of a register on, and counts it. */
  countRegister(mode: RegisterMode, register: () => Promise<RegisterResult>): Promise<RegisterResult>;
  countRemoved(object: ObjectInfo): void;
}

export function createMetrics(registry: Registry): CatalogMetrics {
  const registers = [registry];
  const outcomes = new Counter({
    name: "catalogd_registers_total",
    help: "Registers by outcome: created, replaced, appended, or the code of the error.",
    labelNames: ["outcome"],
    registers,
  });
  const removed = new Counter({ name: "catalogd_gc_removed_objects_total", help: "Objects collected.", registers });
  const bytes = new Counter({ name: "catalogd_gc_removed_bytes_total", help: "Bytes collected.", registers });
  return {
    countRegister: (mode, register) =>
      counted(register, (outcome, result) => outcomes.inc({ outcome: result ? successOf(mode, result) : outcome })),
    countRemoved({ size }) {
      removed.inc();
      bytes.inc(size);
    },
  };
}

/** What the catalog holds, read when it is asked for. */
export function addStateGauges(registry: Registry, catalog: Catalog): void {
  addGauges(registry, {
    catalogd_datasets: ["Datasets that are served.", () => (catalog.condition().loaded ? catalog.list().length : 0)],
    catalogd_damaged_manifests: ["Manifests that can't be read.", () => catalog.condition().damaged.length],
    catalogd_datasets_in_doubt: [
      "Datasets whose last change may be stored.",
      () => catalog.condition().in_doubt.length,
    ],
  });
}

function successOf(mode: RegisterMode, { existing }: RegisterResult): string {
  if (!existing) return "created";
  return mode === "append" ? "appended" : "replaced";
}
