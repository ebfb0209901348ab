import type { ReadyCheck } from "@lakehouse/contracts";
import { peerCheck } from "@lakehouse/server";
import type { Catalog, CatalogCondition } from "./catalog.ts";
import type { ManifestStore } from "./manifest-store.ts";

/** `catalog`: what is loaded, and which manifests are damaged or in doubt. `storaged`: registers need it. */
export async function readiness(catalog: Catalog, store: ManifestStore): Promise<Record<string, ReadyCheck>> {
  return { catalog: catalogCheck(catalog.condition()), storaged: await peerCheck((context) => store.ping(context)) };
}

function catalogCheck({ loaded, damaged, in_doubt }: CatalogCondition): ReadyCheck {
  if (!loaded) return { status: "unavailable", message: "The catalog is not loaded yet." };
  if (damaged.length + in_doubt.length === 0) return { status: "ok" };
  const message = `${damaged.length} damaged manifests, ${in_doubt.length} changes in doubt; all else is served.`;
  return { status: "degraded", message, details: { damaged, in_doubt } };
}
