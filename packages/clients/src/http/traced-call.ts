import { LakehouseError, type Span } from "@lakehouse/core";
import type { Dispatcher } from "undici";

/**
 * Makes a call to a peer a span of its own, which ends with the answer's body, or with the error in its place.
 * @param parent the work that the call is a part of; undefined where traces are off
 * @param call takes the `traceparent` that the peer is to be told; undefined where traces are off
 */
export async function tracedCall(
  parent: Span | undefined,
  { method, upstream }: { method: string; upstream: string },
  call: (traceparent: string | undefined) => Promise<Dispatcher.ResponseData>,
): Promise<Dispatcher.ResponseData> {
  if (!parent) return call(undefined);
  const span = startCall(parent, { method, upstream });
  try {
    const response = await call(span.traceparent);
    response.body.once("close", () => span.end({ status: response.statusCode }));
    return response;
  } catch (error) {
    span.end({ error: error instanceof LakehouseError ? error.code : "aborted" });
    throw error;
  }
}

/** The span of a call to a peer; whoever starts it ends it. */
export function startCall(parent: Span, { method, upstream }: { method: string; upstream: string }): Span {
  return parent.startCall(`${method} ${upstream}`, { "http.request.method": method, "peer.service": upstream });
}
