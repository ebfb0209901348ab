import type { Moment } from "../traces/moment.ts";
import type { TraceView } from "../traces/stored-trace.ts";

/** Where a trace that was found stands among the others. */
export interface Standing {
  readonly view: TraceView;
  readonly score: number;
  readonly recency: Moment;
  /** The successor that it stands below, where that was found too, and how many such there are. */
  readonly below: string | null;
  readonly depth: number;
}

/** Negative where `a` stands before `b`: by score, then recency; of one chain of revisions the later. */
export function compareStandings(a: Standing, b: Standing): number {
  return b.score - a.score || b.recency - a.recency || a.depth - b.depth || (uidOf(a) < uidOf(b) ? -1 : 1);
}

/** A trace that was revised scores no more than its successor, and counts as no more recent. */
export function placeBelow(mine: Standing, above: Standing): Standing {
  return {
    ...mine,
    score: Math.min(mine.score, above.score),
    recency: Math.min(mine.recency, above.recency),
    depth: above.depth + 1,
    below: uidOf(above),
  };
}

function uidOf({ view }: Standing): string {
  return view.version.trace.uid;
}
