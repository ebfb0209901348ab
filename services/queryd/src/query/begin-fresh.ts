import { unlessAborted } from "@lakehouse/server";
import { type Answer, drop } from "./answer.ts";
import type { QueryDependencies } from "./query.ts";

/**
 * Begins while catalogd is still being asked what has changed: nearly always nothing has. Where something has, what was
 * begun is dropped, unseen, and the query begins again.
 * @param begin is given the signal that ends what it begins
 */
export async function beginFresh(
  { views, watch }: Pick<QueryDependencies, "views" | "watch">,
  signal: AbortSignal,
  begin: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const { epoch } = views;
  const stale = new AbortController();
  const fresh = watch.refresh();
  const early = begin(AbortSignal.any([signal, stale.signal]));
  early.catch(() => {}); // heard below, once it is known whether it counts
  try {
    await unlessAborted(fresh, signal);
    if (views.epoch === epoch) return await early;
  } catch (error) {
    stale.abort();
    drop(early);
    throw error;
  }
  stale.abort();
  drop(early);
  return begin(signal);
}
