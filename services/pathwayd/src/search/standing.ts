import type { Moment } from "../traces/moment.ts";
import { createdAt, type StoredTrace, type TraceView } from "../traces/stored-trace.ts";

/** Where a trace that was found stands among the others. */
export interface Standing {
  readonly view: TraceView;
  readonly document: number;
  readonly score: number;
  readonly recency: Moment;
  /** The successor that it stands below, where that was found too, and how many such there are. */
  readonly below: string | null;
  readonly depth: number;
}

/** Negative where `a` stands before `b`. */
export function compareStandings(a: Standing, b: Standing): number {
  return b.score - a.score || b.recency - a.recency || a.depth - b.depth || (uidOf(a) < uidOf(b) ? -1 : 1);
}

/** A trace that was revised scores no more, and counts as no more recent, than any of its successors that was found. */
export function belowSuccessors(found: readonly Standing[], moment: Moment): Standing[] {
  const own = new Map(found.map((standing) => [standing.view.version.trace, standing]));
  /** Of a trace that was not found: its nearest successor that was. */
  const placed = new Map<StoredTrace, Standing | undefined>();
  for (const trace of own.keys()) {
    const chain = unplacedChain(trace, placed, moment);
    let above = placed.get(chain.at(-1)?.successor ?? trace);
    for (const link of chain.reverse()) {
      const mine = own.get(link);
      if (mine) above = above ? below(mine, above) : mine;
      placed.set(link, above);
    }
  }
  return [...own.keys()].map((trace) => placed.get(trace)!);
}

/** The trace and its successors at the moment, up to one that has its place. Each is marked, so that a log that runs in a circle ends. */
function unplacedChain(
  trace: StoredTrace,
  placed: Map<StoredTrace, Standing | undefined>,
  moment: Moment,
): StoredTrace[] {
  const chain: StoredTrace[] = [];
  for (let link: StoredTrace | undefined = trace; link && !placed.has(link); link = link.successor) {
    if (createdAt(link) > moment) break;
    placed.set(link, undefined);
    chain.push(link);
  }
  return chain;
}

function below(mine: Standing, above: Standing): Standing {
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
