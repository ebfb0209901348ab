import { isDeepStrictEqual } from "node:util";
import type { Trace } from "@lakehouse/contracts";
import type { Answered, TraceMemory } from "../src/trace-memory.ts";

export type ModelCommand =
  | { op: "add" | "addIdempotent"; uid: string; content: unknown; tags: string[]; namespace: string }
  | { op: "replayUid" | "retire"; uid: string }
  | { op: "addContent"; content: unknown; namespace: string }
  | { op: "update" | "revise"; uid: string; content: unknown; tags?: string[] };

/** What a command came to: the trace and whether it was there, or an error's code. */
export type Outcome = { trace: Trace; existing: boolean } | { code: string };

/** The memory written down as simply as can be: all traces, copied whole after every event. */
export class Model {
  traces: Trace[] = [];
  readonly past: { at: string; traces: Trace[] }[] = [];

  /**
   * Plays a command.
   * @param outcome what the memory made of it, for the times and the uids that can't be foretold
   * @returns what it should have made of it
   */
  play(command: ModelCommand, outcome: Outcome): Outcome {
    const given = "trace" in outcome ? outcome.trace : undefined;
    const result = this.#result(command, given);
    if ("trace" in result && given && given.updated_at > (this.past.at(-1)?.at ?? "")) {
      this.past.push({ at: given.updated_at, traces: structuredClone(this.traces) });
    }
    return structuredClone(result);
  }

  find(uid: string): Trace | undefined {
    return this.traces.find((trace) => trace.uid === uid);
  }

  history(uid: string): Trace[] {
    const trace = this.find(uid);
    if (!trace) return [];
    return [trace, ...(trace.predecessor_uid === null ? [] : this.history(trace.predecessor_uid))];
  }

  #result(command: ModelCommand, given: Trace | undefined): Outcome {
    const at = given?.updated_at ?? "";
    switch (command.op) {
      case "add":
        return this.find(command.uid) ? { code: "trace_exists" } : this.#make(command, command.uid, null, at);
      case "addIdempotent":
        return this.#replay(this.find(command.uid), at) ?? this.#make(command, command.uid, null, at);
      case "replayUid":
        return this.#replay(this.find(command.uid), at) ?? { code: "trace_not_found" };
      case "addContent":
        return (
          this.#replay(this.#longestSaying(command), at) ?? this.#make({ tags: [], ...command }, given!.uid, null, at)
        );
      default:
        return this.#change(command, this.find(command.uid), given);
    }
  }

  #change(command: ModelCommand, trace: Trace | undefined, given: Trace | undefined): Outcome {
    if (!trace) return { code: "trace_not_found" };
    const at = given?.updated_at ?? "";
    if (command.op === "update") {
      const { content, tags = trace.tags } = command;
      Object.assign(trace, { content, tags, updated_at: at, version: trace.version + 1 });
    } else if (command.op === "retire") {
      if (!trace.retired) Object.assign(trace, { retired: true, updated_at: at });
    } else if (command.op === "revise") {
      if (this.traces.some(({ predecessor_uid }) => predecessor_uid === trace.uid)) return { code: "trace_superseded" };
      if (!trace.retired) Object.assign(trace, { retired: true, updated_at: at });
      return this.#make({ tags: trace.tags, ...command, namespace: trace.namespace }, given!.uid, trace.uid, at);
    }
    return { trace, existing: true };
  }

  #make(
    { content, tags, namespace }: { content: unknown; tags: string[]; namespace: string },
    uid: string,
    predecessor_uid: string | null,
    at: string,
  ): Outcome {
    const times = { created_at: at, updated_at: at };
    const counts = { replay_count: 0, retired: false, version: 1 };
    const trace = { uid, namespace, content, tags, ...times, predecessor_uid, ...counts };
    this.traces.push(trace);
    return { trace, existing: false };
  }

  #replay(trace: Trace | undefined, at: string): Outcome | undefined {
    if (!trace) return undefined;
    trace.replay_count += 1;
    trace.updated_at = at;
    return { trace, existing: true };
  }

  /** By the moment at which it began to say so, which only the past knows. */
  #longestSaying({ content, namespace }: { content: unknown; namespace: string }): Trace | undefined {
    const says = (trace: Trace) =>
      !trace.retired && trace.namespace === namespace && isDeepStrictEqual(trace.content, content);
    const began = ({ uid, version }: Trace) =>
      this.past.findIndex(({ traces }) => traces.some((then) => then.uid === uid && then.version === version));
    return this.traces.filter(says).sort((a, b) => began(a) - began(b))[0];
  }
}

/** The same command to the memory. */
export async function command(memory: TraceMemory, { op, ...request }: ModelCommand): Promise<Answered> {
  const defaults = { tags: [], namespace: "default" };
  switch (op) {
    case "add":
      return memory.add({ ...defaults, content: null, ...request });
    case "addIdempotent":
    case "addContent":
    case "replayUid":
      return memory.addIdempotent({ ...defaults, ...request });
    case "update":
    case "revise":
      return memory[op](request as { uid: string; content: unknown });
    case "retire":
      return memory.retire((request as { uid: string }).uid);
  }
}
