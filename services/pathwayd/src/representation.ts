import type { TraceHit } from "./search/search-traces.ts";
import { formatMoment } from "./traces/moment.ts";
import { createdAt, type TraceView } from "./traces/stored-trace.ts";

/** A trace as JSON. Its content is JSON already, and goes out as it is kept. */
export function renderTrace({ version, updatedAt, replayCount, retired }: TraceView): string {
  const { trace, index, tags, content } = version;
  const { uid, namespace, predecessorUid: predecessor_uid } = trace;
  const head = JSON.stringify({ uid, namespace }).slice(0, -1);
  const rest = JSON.stringify({
    tags,
    created_at: formatMoment(createdAt(trace)),
    updated_at: formatMoment(updatedAt),
    predecessor_uid,
    replay_count: replayCount,
    retired,
    version: index + 1,
  }).slice(1);
  return `${head},"content":${content},${rest}`;
}

export function renderHit({ view, score, explanation }: TraceHit): string {
  const rest = JSON.stringify(explanation ? { score, explanation } : { score }).slice(1);
  return `{"trace":${renderTrace(view)},${rest}`;
}

/** `{"<name>":[…]}` in pieces, made as they are sent: a thousand large contents need not stand in memory as one text. */
export function* renderList<T>(name: string, items: readonly T[], render: (item: T) => string): Generator<string> {
  yield `{"${name}":[`;
  for (const [index, item] of items.entries()) yield (index === 0 ? "" : ",") + render(item);
  yield "]}";
}
