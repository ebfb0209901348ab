import type { Moment } from "../traces/moment.ts";
import { createdAt, type StoredTrace, type TraceVersion } from "../traces/stored-trace.ts";
import { eventToJson, type WrittenEvent } from "./event-json.ts";
import { FOLDED_REPLAYS_MAX, LOG_PIECE_BYTES } from "./limits.ts";
import { encodeLine } from "./log-line.ts";

/**
 * All that has happened until the moment, as lines of a log in pieces: trace by trace, nothing left out, the replays of each in
 * one line. Traces only ever grow by later moments, so what happens while this is read does not show in it.
 */
export function* snapshotPieces(traces: Iterable<StoredTrace>, until: Moment): Generator<string> {
  let piece = "";
  for (const trace of traces) {
    for (const event of eventsOf(trace, until)) {
      piece += encodeLine(eventToJson(event));
      if (piece.length < LOG_PIECE_BYTES) continue;
      yield piece;
      piece = "";
    }
  }
  yield piece;
}

function* eventsOf(trace: StoredTrace, until: Moment): Generator<WrittenEvent> {
  if (createdAt(trace) > until) return;
  const { uid, retiredAt } = trace;
  for (const version of trace.versions) if (version.at <= until) yield versionEvent(version);
  const replays = trace.replays.filter((at) => at <= until);
  for (let start = 0; start < replays.length; start += FOLDED_REPLAYS_MAX) {
    yield { op: "replay", at: replays.slice(start, start + FOLDED_REPLAYS_MAX), uid };
  }
  if (retiredAt <= until && !isRetiredBySuccessor(trace)) yield { op: "retire", at: retiredAt, uid };
}

function versionEvent({ trace, index, at, tags, content: json }: TraceVersion): WrittenEvent {
  const { uid, namespace, predecessorUid: predecessor } = trace;
  const content = { json };
  if (index > 0) return { op: "update", at, uid, tags, content };
  if (predecessor === null) return { op: "add", at, uid, namespace, tags, content };
  return { op: "revise", at, uid, predecessor, namespace, tags, content };
}

/** The successor's own line says so. */
function isRetiredBySuccessor({ successor, retiredAt }: StoredTrace): boolean {
  return successor !== undefined && createdAt(successor) === retiredAt;
}
