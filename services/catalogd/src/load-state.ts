import type { Manifest } from "@lakehouse/contracts";
import { LakehouseError, type RequestContext } from "@lakehouse/core";
import { Slots } from "@lakehouse/server";
import { CatalogState } from "./catalog-state.ts";
import { MANIFEST_READS_MAX } from "./limits.ts";
import { DamagedManifestError, type ManifestStore } from "./manifest-store.ts";

/**
 * All that is stored. One manifest that can't be read is damaged and keeps nothing else from loading.
 * @throws LakehouseError where storaged is out of reach
 */
export async function loadState(store: ManifestStore, context: RequestContext): Promise<CatalogState> {
  const names = await store.names(context);
  const reads = new Slots(MANIFEST_READS_MAX);
  const outcomes = await Promise.all(names.map((name) => reads.run(() => read(store, name, context))));
  const state = new CatalogState();
  for (const [index, name] of names.entries()) {
    const { manifest, damage, keys } = outcomes[index]!;
    if (manifest) state.put(manifest);
    if (damage !== undefined) state.putDamaged(name, damage, keys);
  }
  return state;
}

interface Outcome {
  manifest?: Manifest | undefined;
  damage?: string;
  keys?: readonly string[];
}

async function read(store: ManifestStore, name: string, context: RequestContext): Promise<Outcome> {
  try {
    return { manifest: await store.read(name, context) };
  } catch (error) {
    if (context.signal.aborted || isOutOfReach(error)) throw error;
    const keys = error instanceof DamagedManifestError ? error.keys : [];
    return { damage: error instanceof Error ? error.message : String(error), keys };
  }
}

function isOutOfReach(error: unknown): boolean {
  return error instanceof LakehouseError && ["upstream_unavailable", "upstream_timeout"].includes(error.code);
}
