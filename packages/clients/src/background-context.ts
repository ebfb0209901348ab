import { randomUUID } from "node:crypto";
import type { RequestContext } from "@lakehouse/core";

/** For work that no request asked for: its own id, and a deadline. */
export function backgroundContext(deadlineMs: number): RequestContext {
  return { requestId: randomUUID(), signal: AbortSignal.timeout(deadlineMs) };
}
