import type { EmbedClient, VectorClient } from "@lakehouse/clients";
import type { ReadyCheck } from "@lakehouse/contracts";
import { backgroundContext, type RequestContext } from "@lakehouse/core";
import { toLakehouseError } from "@lakehouse/server";
import { READY_PROBE_MS_MAX } from "./limits.ts";

/** Without vectord nothing is served; without embedd, queries that bring their vector still are. */
export async function readiness(embed: EmbedClient, vectors: VectorClient): Promise<Record<string, ReadyCheck>> {
  const [embedd, vectord] = await Promise.all([check(embed, "degraded"), check(vectors, "unavailable")]);
  return { embedd, vectord };
}

interface Peer {
  ping(context: RequestContext): Promise<void>;
}

async function check(peer: Peer, without: "degraded" | "unavailable"): Promise<ReadyCheck> {
  try {
    await peer.ping(backgroundContext(READY_PROBE_MS_MAX));
    return { status: "ok" };
  } catch (error) {
    return { status: without, message: toLakehouseError(error).message };
  }
}
