import { type RequestContext, withSignals } from "@lakehouse/core";

/**
 * Runs calls to peers that share one deadline, and stop together: when the client goes away, when the time is over, and when one of
 * them has failed and the rest would be for nothing.
 */
export async function withDeadline<T>(
  context: RequestContext,
  deadlineMs: number,
  work: (context: RequestContext) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  try {
    return await work(withSignals(context, AbortSignal.timeout(deadlineMs), over.signal));
  } catch (error) {
    over.abort();
    throw error;
  }
}

/** A promise that is awaited further down: until then its failure is not unhandled. */
export function awaitedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {}); // whoever awaits it hears of it
  return promise;
}
