import type { ReadyCheck } from "@lakehouse/contracts";
import { peerCheck } from "@lakehouse/server";
import type { EmbeddingProvider } from "./providers/embedding-provider.ts";

/** `provider`: nothing new can be embedded without it. */
export async function readiness(provider: EmbeddingProvider): Promise<Record<string, ReadyCheck>> {
  const details = { name: provider.name };
  return { provider: await peerCheck((context) => provider.ping(context), { details }) };
}
