import type { ReadyCheck } from "@lakehouse/contracts";
import { backgroundContext, type RequestContext } from "@lakehouse/core";
import { toLakehouseError } from "./error-handler.ts";

/** Longest wait for a peer's answer. */
const PROBE_MS_MAX = 2_000;

export interface PeerCheckOptions {
  /** What the service is while the peer can't be asked. */
  without?: "degraded" | "unavailable";
  /** A sentence on what is served without the peer. */
  consequence?: string;
  details?: object;
}

/** One check of `/ready`: whether a peer can be asked. */
export async function peerCheck(
  ping: (context: RequestContext) => Promise<void>,
  { without = "unavailable", consequence, details }: PeerCheckOptions = {},
): Promise<ReadyCheck> {
  const told = details === undefined ? {} : { details };
  try {
    await ping(backgroundContext(PROBE_MS_MAX));
    return { status: "ok", ...told };
  } catch (error) {
    const message = [toLakehouseError(error).message, consequence].filter(Boolean).join(" ");
    return { status: without, message, ...told };
  }
}
