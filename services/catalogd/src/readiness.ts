import type { ReadyCheck } from "@lakehouse/contracts";
import { backgroundContext, LakehouseError } from "@lakehouse/core";
import type { Catalog, CatalogCondition } from "./catalog.ts";
import { READY_PROBE_MS_MAX } from "./limits.ts";
import type { ManifestStore } from "./manifest-store.ts";

/** `catalog`: what is loaded, and which manifests are damaged or in doubt. `storaged`: registers need it. */
export async function readiness(catalog: Catalog, store: ManifestStore): Promise<Record<string, ReadyCheck>> {
  return { catalog: catalogCheck(catalog.condition()), storaged: await storageCheck(store) };
}

function catalogCheck({ loaded, damaged, in_doubt }: CatalogCondition): ReadyCheck {
  if (!loaded) return { status: "unavailable", message: "The catalog is not loaded yet." };
  if (damaged.length + in_doubt.length === 0) return { status: "ok" };
  const message = `${damaged.length} damaged manifests, ${in_doubt.length} changes in doubt; all else is served.`;
  return { status: "degraded", message, details: { damaged, in_doubt } };
}

async function storageCheck(store: ManifestStore): Promise<ReadyCheck> {
  try {
    await store.ping(backgroundContext(READY_PROBE_MS_MAX));
    return { status: "ok" };
  } catch (error) {
    const message = error instanceof LakehouseError ? error.message : "storaged can't be asked.";
    return { status: "unavailable", message };
  }
}
