import type { ObjectInfo, RegisterMode, RegisterResult } from "@lakehouse/contracts";
import { LakehouseError } from "@lakehouse/core";
import { Counter, Gauge, type Registry } from "prom-client";
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
    async countRegister(mode, register) {
      try {
        const result = await register();
        outcomes.inc({ outcome: successOf(mode, result) });
        return result;
      } catch (error) {
        outcomes.inc({ outcome: error instanceof LakehouseError ? error.code : "internal_error" });
        throw error;
      }
    },
    countRemoved({ size }) {
      removed.inc();
      bytes.inc(size);
    },
  };
}

/** What the catalog holds, read when it is asked for. */
export function addCatalogGauges(registry: Registry, catalog: Catalog): void {
  const gauges = {
    catalogd_datasets: ["Datasets that are served.", () => (catalog.condition().loaded ? catalog.list().length : 0)],
    catalogd_damaged_manifests: ["Manifests that can't be read.", () => catalog.condition().damaged.length],
    catalogd_datasets_in_doubt: [
      "Datasets whose last change may be stored.",
      () => catalog.condition().in_doubt.length,
    ],
  } satisfies Record<string, [string, () => number]>;
  for (const [name, [help, read]] of Object.entries(gauges)) {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  }
}

function successOf(mode: RegisterMode, { existing }: RegisterResult): string {
  if (!existing) return "created";
  return mode === "append" ? "appended" : "replaced";
}
