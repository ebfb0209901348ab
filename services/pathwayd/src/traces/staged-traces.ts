import type { Standing, Standings } from "./standings.ts";
import type { AddEvent, ReviseEvent, TraceEvent } from "./trace-event.ts";
import { contentKey, type Traces } from "./traces.ts";

/**
 * The memory as it will stand once the events of a batch are durable. The next command of the batch is decided on this,
 * while nobody else sees it; where the batch can't be written it is simply dropped.
 */
export class StagedTraces implements Standings {
  readonly #traces: Traces;
  readonly #standings = new Map<string, Standing>();
  /** What the traces that the batch touched say, as a content key; undefined for one that is retired. */
  readonly #contents = new Map<string, string | undefined>();
  readonly #uidsByContent = new Map<string, string[]>();

  constructor(traces: Traces) {
    this.#traces = traces;
  }

  standing(uid: string): Standing | undefined {
    return this.#standings.get(uid) ?? this.#traces.standing(uid);
  }

  liveWith(namespace: string, digest: string): string | undefined {
    const untouched = this.#traces.allLiveWith(namespace, digest).find((uid) => !this.#contents.has(uid));
    if (untouched !== undefined) return untouched;
    const key = contentKey(namespace, digest);
    return this.#uidsByContent.get(key)?.find((uid) => this.#contents.get(uid) === key);
  }

  stage(event: TraceEvent): void {
    switch (event.op) {
      case "add":
        this.#made(event);
        break;
      case "revise":
        this.#retire(event.predecessor, event.uid);
        this.#made(event);
        break;
      case "update":
        this.#says(event.uid, { ...this.standing(event.uid)!, tags: event.tags }, event.content.digest);
        break;
      case "retire":
        this.#retire(event.uid, this.standing(event.uid)!.successorUid);
        break;
      case "replay": // nothing is decided by it
    }
  }

  #made({ uid, namespace, tags, content }: AddEvent | ReviseEvent): void {
    this.#says(uid, { namespace, tags, retired: false, successorUid: undefined }, content.digest);
  }

  #says(uid: string, standing: Standing, digest: string): void {
    this.#standings.set(uid, standing);
    const key = standing.retired ? undefined : contentKey(standing.namespace, digest);
    this.#contents.set(uid, key);
    if (key === undefined) return;
    const others = this.#uidsByContent.get(key)?.filter((other) => other !== uid) ?? [];
    this.#uidsByContent.set(key, [...others, uid]);
  }

  #retire(uid: string, successorUid: string | undefined): void {
    this.#standings.set(uid, { ...this.standing(uid)!, retired: true, successorUid });
    this.#contents.set(uid, undefined);
  }
}
