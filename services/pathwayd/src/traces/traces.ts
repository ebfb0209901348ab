import type { Moment } from "./moment.ts";
import type { Standing, Standings } from "./standings.ts";
import type { StoredTrace, TraceVersion } from "./stored-trace.ts";
import type { AddEvent, ReviseEvent, TraceEvent, UpdateEvent } from "./trace-event.ts";

/** An event that does not follow from those before it: a line of the log is missing, or was written by somebody else. */
export class MisfitError extends Error {}

export interface TraceCounts {
  traces: number;
  retired: number;
  superseded: number;
  versions: number;
  replays: number;
  namespaces: number;
}

/** Every trace with its whole past: what the events add up to. */
export class Traces implements Standings {
  readonly #byUid = new Map<string, StoredTrace>();
  readonly #namespaces = new Set<string>();
  /** Those that are not retired, by namespace and digest of what they say now. */
  readonly #byContent = new Map<string, StoredTrace[]>();
  readonly #counts = { retired: 0, superseded: 0, versions: 0, replays: 0 };

  get(uid: string): StoredTrace | undefined {
    return this.#byUid.get(uid);
  }

  /** In the order in which they were made. */
  all(): IterableIterator<StoredTrace> {
    return this.#byUid.values();
  }

  standing(uid: string): Standing | undefined {
    const trace = this.#byUid.get(uid);
    if (!trace) return undefined;
    const { namespace, retiredAt, successor } = trace;
    return { namespace, tags: latest(trace).tags, retired: retiredAt !== Infinity, successorUid: successor?.uid };
  }

  liveWith(namespace: string, digest: string): string | undefined {
    return this.allLiveWith(namespace, digest)[0];
  }

  /** The one that has said so longest first. */
  allLiveWith(namespace: string, digest: string): string[] {
    const traces = this.#byContent.get(contentKey(namespace, digest)) ?? [];
    return traces.toSorted((a, b) => latest(a).at - latest(b).at).map(({ uid }) => uid);
  }

  counts(): TraceCounts {
    return { traces: this.#byUid.size, ...this.#counts, namespaces: this.#namespaces.size };
  }

  /**
   * @returns the version that the event made, if it made one
   * @throws MisfitError, and nothing is changed
   */
  apply(event: TraceEvent): TraceVersion | undefined {
    switch (event.op) {
      case "add":
      case "revise":
        return this.#make(event);
      case "update":
        return this.#update(event);
      case "replay":
        return void this.#replay(this.#known(event.uid), event.at);
      case "retire":
        return void this.#retire(this.#known(event.uid), event.at);
    }
  }

  #make(event: AddEvent | ReviseEvent): TraceVersion {
    const { uid, namespace } = event;
    if (this.#byUid.has(uid)) throw new MisfitError("The trace is there already.");
    const predecessorUid = event.op === "revise" ? event.predecessor : null;
    const trace: StoredTrace = {
      uid,
      namespace,
      predecessorUid,
      versions: [],
      replays: [],
      retiredAt: Infinity,
      successor: undefined,
      contentDigest: event.content.digest,
      updatedAt: event.at,
    };
    this.#byUid.set(uid, trace);
    this.#namespaces.add(namespace);
    if (predecessorUid !== null) this.#supersede(predecessorUid, trace, event.at);
    return this.#say(trace, event);
  }

  /** A predecessor whose own line was lost takes nothing from its successor. */
  #supersede(predecessorUid: string, successor: StoredTrace, at: Moment): void {
    const predecessor = this.#byUid.get(predecessorUid);
    if (!predecessor || predecessor.successor) return;
    predecessor.successor = successor;
    this.#counts.superseded += 1;
    this.#retire(predecessor, at);
  }

  #update(event: UpdateEvent): TraceVersion {
    const trace = this.#known(event.uid);
    if (event.at <= latest(trace).at) throw new MisfitError("The trace has a later version.");
    if (trace.retiredAt === Infinity) this.#forgetContent(trace);
    return this.#say(trace, event);
  }

  #say(trace: StoredTrace, { at, tags, content }: Pick<AddEvent, "at" | "tags" | "content">): TraceVersion {
    const version = { trace, index: trace.versions.length, at, tags, content: content.json, document: -1 };
    // An array that grows from nothing has room for seventeen at once; most traces have one version.
    if (version.index === 0) trace.versions = [version];
    else trace.versions.push(version);
    trace.updatedAt = Math.max(trace.updatedAt, at);
    this.#counts.versions += 1;
    trace.contentDigest = content.digest;
    if (trace.retiredAt === Infinity) this.#rememberContent(trace);
    return version;
  }

  #replay(trace: StoredTrace, moments: readonly Moment[]): void {
    if (moments.length === 0) throw new MisfitError("There is no replay in it.");
    let last = trace.replays.at(-1) ?? trace.versions[0]!.at;
    for (const moment of moments) {
      if (moment <= last) throw new MisfitError("The trace has a later replay.");
      last = moment;
    }
    for (const moment of moments) trace.replays.push(moment);
    trace.updatedAt = Math.max(trace.updatedAt, last);
    this.#counts.replays += moments.length;
  }

  #retire(trace: StoredTrace, at: Moment): void {
    if (trace.retiredAt === Infinity) {
      this.#forgetContent(trace);
      this.#counts.retired += 1;
    }
    trace.retiredAt = Math.min(trace.retiredAt, at);
    trace.updatedAt = Math.max(trace.updatedAt, trace.retiredAt);
  }

  #known(uid: string): StoredTrace {
    const trace = this.#byUid.get(uid);
    if (!trace) throw new MisfitError("There is no such trace.");
    return trace;
  }

  #rememberContent(trace: StoredTrace): void {
    const key = contentKey(trace.namespace, trace.contentDigest);
    const equal = this.#byContent.get(key);
    if (equal) equal.push(trace);
    else this.#byContent.set(key, [trace]);
  }

  #forgetContent(trace: StoredTrace): void {
    const key = contentKey(trace.namespace, trace.contentDigest);
    const others = this.#byContent.get(key)?.filter((other) => other !== trace) ?? [];
    if (others.length === 0) this.#byContent.delete(key);
    else this.#byContent.set(key, others);
  }
}

/** A digest has one length, so that no two pairs have one key. */
export function contentKey(namespace: string, digest: string): string {
  return digest + namespace;
}

function latest(trace: StoredTrace): TraceVersion {
  return trace.versions.at(-1)!;
}
