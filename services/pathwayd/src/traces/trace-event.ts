import type { Content } from "./content.ts";
import type { Moment } from "./moment.ts";

/** What happened to a trace. The log is a list of these; memory is what they add up to. */
export type TraceEvent = AddEvent | ReviseEvent | UpdateEvent | ReplayEvent | RetireEvent;

export interface AddEvent {
  readonly op: "add";
  readonly at: Moment;
  readonly uid: string;
  readonly namespace: string;
  readonly tags: readonly string[];
  readonly content: Content;
}

/** A new trace, by which its predecessor is retired. */
export interface ReviseEvent extends Omit<AddEvent, "op"> {
  readonly op: "revise";
  readonly predecessor: string;
}

export interface UpdateEvent {
  readonly op: "update";
  readonly at: Moment;
  readonly uid: string;
  readonly tags: readonly string[];
  readonly content: Content;
}

interface ReplayEvent {
  readonly op: "replay";
  /** One, or those that a compaction has folded into one line, in order. */
  readonly at: readonly Moment[];
  readonly uid: string;
}

interface RetireEvent {
  readonly op: "retire";
  readonly at: Moment;
  readonly uid: string;
}
