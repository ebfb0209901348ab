import { setImmediate as nextTurn } from "node:timers/promises";
import type { TraceSearchRequest } from "@lakehouse/contracts";
import type { StoredTrace, TraceVersion } from "../traces/stored-trace.ts";
import { INDEXING_SLICE_MS } from "./limits.ts";
import { searchTraces, type TraceHit } from "./search-traces.ts";
import { TextIndex } from "./text-index.ts";
import { wordsOfContent } from "./words.ts";

/**
 * An index a namespace: what one memory holds does not move the scores of another. Versions are indexed a little later than they
 * come, while the next write is on its way to the disk; a search waits until all that came before it is in.
 */
export class SearchIndexes {
  readonly #byNamespace = new Map<string, TextIndex>();
  #waiting: TraceVersion[] = [];
  /** How many of these are indexed. */
  #done = 0;
  #isStarted = false;
  /** How many of them may be of the log: none any more once all was indexed. */
  #ofLogMax = Infinity;
  #scheduled: NodeJS.Immediate | undefined;

  add(version: TraceVersion): void {
    this.#waiting.push(version);
    this.#schedule();
  }

  /** Something happened to the trace that made no version of it. */
  touch(trace: StoredTrace): void {
    // One that still waits is indexed as it is then.
    if (trace.versions.at(-1)!.document !== -1) this.#byNamespace.get(trace.namespace)!.touch(trace);
  }

  /** From now on there is time for indexing: reading the log goes first. What takes a moment only is done at once. */
  start(): void {
    this.#isStarted = true;
    this.#catchUp();
    this.#schedule();
  }

  /** Versions of the log that are not indexed since it was read. */
  get unindexed(): number {
    return Math.min(this.#ofLogMax, this.#waiting.length - this.#done);
  }

  async search(request: TraceSearchRequest): Promise<TraceHit[]> {
    while (!this.#catchUp()) await nextTurn();
    const index = this.#byNamespace.get(request.namespace);
    return index ? searchTraces(index, request) : [];
  }

  /** Not in the next turn: the next write goes out in that one, and would wait for the words of the last. */
  #schedule(): void {
    if (this.#scheduled || !this.#isStarted || this.#waiting.length === 0) return;
    this.#scheduled = setImmediate(() => {
      this.#scheduled = setImmediate(() => {
        this.#scheduled = undefined;
        this.#catchUp();
        this.#schedule();
      });
    });
  }

  /** Indexes for a while. @returns whether nothing waits any more */
  #catchUp(): boolean {
    const deadline = performance.now() + INDEXING_SLICE_MS;
    while (this.#done < this.#waiting.length && performance.now() < deadline) this.#index(this.#waiting[this.#done++]!);
    if (this.#done < this.#waiting.length) return false;
    this.#waiting = [];
    this.#done = 0;
    this.#ofLogMax = 0;
    return true;
  }

  #index(version: TraceVersion): void {
    const { namespace } = version.trace;
    const index = this.#byNamespace.get(namespace) ?? new TextIndex();
    this.#byNamespace.set(namespace, index);
    index.add(version, wordsOfContent(version.content));
  }
}
