import { LakehouseError } from "@lakehouse/core";
import type { Content } from "./content.ts";
import type { Moment } from "./moment.ts";
import type { Standing, Standings } from "./standings.ts";
import type { TraceEvent } from "./trace-event.ts";

export type TraceCommand = AddCommand | AddIdempotentCommand | ReplaceCommand | RetireCommand;

interface AddCommand {
  readonly op: "add";
  readonly uid: string | undefined;
  readonly content: Content;
  readonly tags: readonly string[];
  readonly namespace: string;
}

interface AddIdempotentCommand extends Omit<AddCommand, "op" | "content"> {
  readonly op: "add_idempotent";
  readonly content: Content | undefined;
}

interface ReplaceCommand {
  readonly op: "update" | "revise";
  readonly uid: string;
  readonly content: Content;
  /** undefined: those that were there. */
  readonly tags: readonly string[] | undefined;
}

interface RetireCommand {
  readonly op: "retire";
  readonly uid: string;
}

/** What a command comes to. */
export interface Decision {
  /** undefined where there is nothing to do. */
  readonly event: TraceEvent | undefined;
  /** The trace to answer with. */
  readonly uid: string;
  /** Whether it was there before. */
  readonly existing: boolean;
}

export interface Chance {
  readonly at: Moment;
  /** For a trace that comes without one. */
  readonly freshUid: string;
}

/**
 * The rules of the memory, and nothing else: no clock, no disk, no state of its own.
 * @throws LakehouseError `trace_exists`, `trace_not_found`, `trace_superseded`
 */
export function decide(standings: Standings, command: TraceCommand, chance: Chance): Decision {
  switch (command.op) {
    case "add":
      return add(standings, command, chance);
    case "add_idempotent":
      return addIdempotent(standings, command, chance);
    case "update":
      return update(standings, command, chance);
    case "revise":
      return revise(standings, command, chance);
    case "retire":
      return retire(standings, command, chance);
  }
}

function add(standings: Standings, { uid, namespace, tags, content }: AddCommand, chance: Chance): Decision {
  const given = uid ?? chance.freshUid;
  if (standings.standing(given)) {
    throw new LakehouseError("trace_exists", `There is a trace ${JSON.stringify(given)} already.`);
  }
  return made({ op: "add", at: chance.at, uid: given, namespace, tags, content });
}

function addIdempotent(standings: Standings, command: AddIdempotentCommand, chance: Chance): Decision {
  const { uid, content, namespace } = command;
  const there = uid === undefined ? standings.liveWith(namespace, content!.digest) : uid;
  if (there !== undefined && standings.standing(there)) {
    return { event: { op: "replay", at: [chance.at], uid: there }, uid: there, existing: true };
  }
  if (content === undefined) throw notFound(uid!);
  return add(standings, { ...command, op: "add", content }, chance);
}

function update(standings: Standings, { uid, content, tags }: ReplaceCommand, { at }: Chance): Decision {
  const before = known(standings, uid);
  return { event: { op: "update", at, uid, tags: tags ?? before.tags, content }, uid, existing: true };
}

function revise(standings: Standings, { uid, content, tags }: ReplaceCommand, { at, freshUid }: Chance): Decision {
  const { namespace, successorUid, tags: before } = known(standings, uid);
  if (successorUid !== undefined) {
    const options = { details: { successor_uid: successorUid } };
    throw new LakehouseError("trace_superseded", `The trace ${JSON.stringify(uid)} was revised already.`, options);
  }
  return made({ op: "revise", at, uid: freshUid, predecessor: uid, namespace, tags: tags ?? before, content });
}

function retire(standings: Standings, { uid }: RetireCommand, { at }: Chance): Decision {
  const { retired } = known(standings, uid);
  return { event: retired ? undefined : { op: "retire", at, uid }, uid, existing: true };
}

function made(event: TraceEvent): Decision {
  return { event, uid: event.uid, existing: false };
}

function known(standings: Standings, uid: string): Standing {
  const standing = standings.standing(uid);
  if (!standing) throw notFound(uid);
  return standing;
}

export function notFound(uid: string): LakehouseError {
  return new LakehouseError("trace_not_found", `There is no trace ${JSON.stringify(uid)}.`);
}
