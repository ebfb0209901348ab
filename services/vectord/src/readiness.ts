import type { ReadyCheck } from "@lakehouse/contracts";
import { peerCheck } from "@lakehouse/server";
import type { IndexStore } from "./persistence/index-store.ts";
import type { IndexesCondition, VectorIndexes } from "./vector-indexes.ts";

/** `indexes`: what is loaded, and which are damaged. `storaged`: searches are served without it, adds are not. */
export async function readiness(
  indexes: VectorIndexes,
  store: IndexStore | undefined,
): Promise<Record<string, ReadyCheck>> {
  const checks = { indexes: indexesCheck(indexes.condition()) };
  if (!store) return checks;
  const consequence = "Searches are served; nothing can be added.";
  return {
    ...checks,
    storaged: await peerCheck((context) => store.ping(context), { without: "degraded", consequence }),
  };
}

function indexesCheck({ loaded, damaged, rebuilt }: IndexesCondition): ReadyCheck {
  if (!loaded) return { status: "unavailable", message: "The indexes are not all loaded yet." };
  if (damaged.length + rebuilt.length === 0) return { status: "ok" };
  const message = `${damaged.length} indexes are damaged; of ${rebuilt.length} the graph is built anew. All else is served.`;
  return { status: "degraded", message, details: { damaged, rebuilt } };
}
