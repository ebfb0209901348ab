import { LakehouseError } from "@lakehouse/core";
import { isConnectTimeout } from "../http/pool.ts";
import { statusOf } from "./provider-errors.ts";

/** When a call is made again that was not answered. */
export interface RetryPolicy {
  /** Tries of a call, the first one included. */
  attemptsMax: number;
  /** Before the second try; doubled before each one after it. */
  firstPauseMs: number;
  /** A provider that asks for a longer pause than this is not waited for. */
  pauseSecondsMax: number;
  /** True if making a call twice does no harm: it is then also repeated where it may have been answered already. */
  isRepeatable: boolean;
}

/** Nobody was there to take the call. */
const refusedConnections = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "ENOTFOUND", "EAI_AGAIN"]);
const busyStatuses = new Set([429, 503]);

/** Undefined where another try is not safe, not worth it, or would keep the client waiting for long. */
export function retryPauseMs(error: unknown, attempt: number, policy: RetryPolicy): number | undefined {
  if (!(error instanceof LakehouseError) || attempt >= policy.attemptsMax) return undefined;
  const status = statusOf(error);
  const isBusy = busyStatuses.has(status ?? 0) && error.code !== "quota_exhausted";
  if (!isBusy && !wasNotTaken(error, policy)) return undefined;
  const seconds = error.retryAfterSeconds;
  // A provider that says 429 and no time is not asked again at once.
  if (seconds === undefined && status === 429) return undefined;
  if (seconds !== undefined && seconds > policy.pauseSecondsMax) return undefined;
  const backoffMs = policy.firstPauseMs * 2 ** (attempt - 1) * (0.5 + Math.random());
  return Math.max((seconds ?? 0) * 1_000, backoffMs);
}

function wasNotTaken({ code, cause }: LakehouseError, { isRepeatable }: RetryPolicy): boolean {
  if (isRepeatable && code === "upstream_unavailable") return !isConnectTimeout(cause);
  return refusedConnections.has((cause as NodeJS.ErrnoException | undefined)?.code ?? "");
}
