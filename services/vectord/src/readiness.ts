import type { ReadyCheck } from "@lakehouse/contracts";
import { backgroundContext, LakehouseError } from "@lakehouse/core";
import { READY_PROBE_MS_MAX } from "./limits.ts";
import type { IndexStore } from "./persistence/index-store.ts";
import type { IndexesCondition, VectorIndexes } from "./vector-indexes.ts";

/** `indexes`: what is loaded, and which are damaged. `storaged`: searches are served without it, adds are not. */
export async function readiness(
  indexes: VectorIndexes,
  store: IndexStore | undefined,
): Promise<Record<string, ReadyCheck>> {
  const checks = { indexes: indexesCheck(indexes.condition()) };
  return store ? { ...checks, storaged: await storageCheck(store) } : checks;
}

function indexesCheck({ loaded, damaged, rebuilt }: IndexesCondition): ReadyCheck {
  if (!loaded) return { status: "unavailable", message: "The indexes are not all loaded yet." };
  if (damaged.length + rebuilt.length === 0) return { status: "ok" };
  const message = `${damaged.length} indexes are damaged; of ${rebuilt.length} the graph is built anew. All else is served.`;
  return { status: "degraded", message, details: { damaged, rebuilt } };
}

async function storageCheck(store: IndexStore): Promise<ReadyCheck> {
  try {
    await store.ping(backgroundContext(READY_PROBE_MS_MAX));
    return { status: "ok" };
  } catch (error) {
    const message = error instanceof LakehouseError ? error.message : "storaged can't be asked.";
    return { status: "degraded", message: `${message} Searches are served; nothing can be added.` };
  }
}
