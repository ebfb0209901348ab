import type { Moment } from "./moment.ts";

/** A trace with all that ever happened to it, so that it can be shown as it stood at any moment. */
export interface StoredTrace {
  readonly uid: string;
  readonly namespace: string;
  readonly predecessorUid: string | null;
  /** The first made it; in the order of their moments, as `replays` are. */
  versions: TraceVersion[];
  readonly replays: Moment[];
  /** Infinity while it is not, which is later than any moment. */
  retiredAt: Moment;
  successor: StoredTrace | undefined;
  /** Of what it says now. */
  contentDigest: string;
  /** Of all that has happened to it, the last. */
  updatedAt: Moment;
}

export interface TraceVersion {
  readonly trace: StoredTrace;
  /** From 0, in `trace.versions`. */
  readonly index: number;
  readonly at: Moment;
  readonly tags: readonly string[];
  /** JSON. */
  readonly content: string;
  /** Its number in the index of its namespace, which sets it. */
  document: number;
}

/** A trace as it stood at a moment. */
export interface TraceView {
  readonly version: TraceVersion;
  readonly updatedAt: Moment;
  readonly replayCount: number;
  readonly retired: boolean;
}

/** @returns undefined where it was not there yet */
export function viewAt(trace: StoredTrace, moment: Moment): TraceView | undefined {
  if (moment >= trace.updatedAt) return viewNow(trace);
  const version = trace.versions[countUntil(trace.versions, moment, ({ at }) => at) - 1];
  if (!version) return undefined;
  const replayCount = countUntil(trace.replays, moment, (at) => at);
  const retired = trace.retiredAt <= moment;
  const updatedAt = Math.max(version.at, trace.replays[replayCount - 1] ?? 0, retired ? trace.retiredAt : 0);
  return { version, updatedAt, replayCount, retired };
}

function viewNow({ versions, updatedAt, replays, retiredAt }: StoredTrace): TraceView {
  return { version: versions.at(-1)!, updatedAt, replayCount: replays.length, retired: retiredAt !== Infinity };
}

export function createdAt(trace: StoredTrace): Moment {
  return trace.versions[0]!.at;
}

/** Of a sorted list, how many are not later than the moment. */
function countUntil<T>(sorted: readonly T[], moment: Moment, momentOf: (one: T) => Moment): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (momentOf(sorted[middle]!) <= moment) low = middle + 1;
    else high = middle;
  }
  return low;
}
