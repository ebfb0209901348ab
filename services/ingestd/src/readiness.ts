import type { CatalogClient, StorageClient } from "@lakehouse/clients";
import type { ReadyCheck } from "@lakehouse/contracts";
import { backgroundContext, LakehouseError } from "@lakehouse/core";
import { READY_PROBE_MS_MAX } from "./limits.ts";

/** An ingest needs both peers. */
export async function readiness(storage: StorageClient, catalog: CatalogClient): Promise<Record<string, ReadyCheck>> {
  const [storaged, catalogd] = await Promise.all([check(storage), check(catalog)]);
  return { storaged, catalogd };
}

async function check(peer: StorageClient | CatalogClient): Promise<ReadyCheck> {
  try {
    await peer.ping(backgroundContext(READY_PROBE_MS_MAX));
    return { status: "ok" };
  } catch (error) {
    return {
      status: "unavailable",
      message: error instanceof LakehouseError ? error.message : "The peer can't be asked.",
    };
  }
}
