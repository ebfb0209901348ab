import type { ReadyCheck } from "@lakehouse/contracts";
import { backgroundContext, LakehouseError } from "@lakehouse/core";
import type { EmbeddingProvider } from "./embedding-provider.ts";
import { READY_PROBE_MS_MAX } from "./limits.ts";

/** `provider`: nothing new can be embedded without it. */
export async function readiness(provider: EmbeddingProvider): Promise<Record<string, ReadyCheck>> {
  try {
    await provider.ping(backgroundContext(READY_PROBE_MS_MAX));
    return { provider: { status: "ok", details: { name: provider.name } } };
  } catch (error) {
    const message = error instanceof LakehouseError ? error.message : `${provider.name} can't be asked.`;
    return { provider: { status: "unavailable", message, details: { name: provider.name } } };
  }
}
