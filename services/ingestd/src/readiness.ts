import type { CatalogClient, StorageClient } from "@lakehouse/clients";
import type { ReadyCheck } from "@lakehouse/contracts";
import { peerCheck } from "@lakehouse/server";

/** An ingest needs both peers. */
export async function readiness(storage: StorageClient, catalog: CatalogClient): Promise<Record<string, ReadyCheck>> {
  const [storaged, catalogd] = await Promise.all([
    peerCheck((context) => storage.ping(context)),
    peerCheck((context) => catalog.ping(context)),
  ]);
  return { storaged, catalogd };
}
