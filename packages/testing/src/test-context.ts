import type { RequestContext } from "@lakehouse/core";

/** The context of a request that a test makes past HTTP. */
export function testContext(signal: AbortSignal = new AbortController().signal): RequestContext {
  return { requestId: "test", signal };
}
