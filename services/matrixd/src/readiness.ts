import type { EmbedClient, VectorClient } from "@lakehouse/clients";
import type { ReadyCheck } from "@lakehouse/contracts";
import { peerCheck } from "@lakehouse/server";

/** Without vectord nothing is served; without embedd, queries that bring their vector still are. */
export async function readiness(embed: EmbedClient, vectors: VectorClient): Promise<Record<string, ReadyCheck>> {
  const [embedd, vectord] = await Promise.all([
    peerCheck((context) => embed.ping(context), { without: "degraded" }),
    peerCheck((context) => vectors.ping(context)),
  ]);
  return { embedd, vectord };
}
