import type {
  AddIdempotentRequest,
  AddTraceRequest,
  PathwayStats,
  ReviseTraceRequest,
  TraceSearchRequest,
  UpdateTraceRequest,
} from "@lakehouse/contracts";
import type { Logger } from "@lakehouse/server";
import { CommitQueue } from "./commit-queue.ts";
import { HISTORY_TRACES_MAX } from "./limits.ts";
import type { AppendLog } from "./log/append-log.ts";
import { Compactor } from "./log/compactor.ts";
import { FOLDED_MOMENT_BYTES } from "./log/event-json.ts";
import type { RejectedLines } from "./log/rejected-lines.ts";
import { replay } from "./log/replay.ts";
import { SearchIndexes } from "./search/search-indexes.ts";
import type { TraceHit } from "./search/search-traces.ts";
import { contentOf } from "./traces/content.ts";
import { notFound, type TraceCommand } from "./traces/decide.ts";
import { EventClock, NOW } from "./traces/moment.ts";
import { type StoredTrace, type TraceView, viewAt } from "./traces/stored-trace.ts";
import type { TraceEvent } from "./traces/trace-event.ts";
import { Traces } from "./traces/traces.ts";

export interface TraceMemoryDependencies {
  log: AppendLog;
  rejected: RejectedLines;
  logger: Logger;
  onCommit?(events: number): void;
  onCompaction?(outcome: "ok" | "failed"): void;
  garbageBytesMin?: number;
  garbageRatioMin?: number;
}

export interface Answered {
  view: TraceView;
  /** Whether the trace was there before. */
  existing: boolean;
}

/** The memory of traces: a log on the disk that is the truth, and what it adds up to, in memory, to answer from. */
export class TraceMemory {
  readonly #traces = new Traces();
  readonly #indexes = new SearchIndexes();
  readonly #clock = new EventClock();
  readonly #dependencies: TraceMemoryDependencies;
  readonly #queue: CommitQueue;
  readonly #compactor: Compactor;

  constructor(dependencies: TraceMemoryDependencies) {
    const { log, onCommit, onCompaction } = dependencies;
    this.#dependencies = dependencies;
    this.#queue = new CommitQueue({
      log,
      traces: this.#traces,
      clock: this.#clock,
      apply: (event, lineBytes) => this.#apply(event, lineBytes),
      onCommit: (events) => {
        onCommit?.(events);
        this.#compactor.compactIfDue();
      },
    });
    this.#compactor = new Compactor({
      ...dependencies,
      traces: () => this.#traces.all(),
      now: () => this.#clock.last,
      exclusive: (work) => this.#queue.exclusive(work),
      onCompaction: (outcome) => onCompaction?.(outcome),
    });
  }

  /** Reads the log, once, before anything else is asked. @throws Error where it can't be read */
  async load(signal: AbortSignal): Promise<void> {
    const { log, rejected, logger } = this.#dependencies;
    const started = performance.now();
    const replayed = await replay({
      log,
      rejected,
      signal,
      apply: (event, lineBytes) => this.#apply(event, lineBytes),
      onRejected: ({ start, bytes }, reason) => {
        this.#compactor.addGarbage(bytes.length);
        logger.warn({ offset: start, bytes: bytes.length, reason }, "a line of the log is set aside");
      },
    });
    if (replayed.torn > 0) logger.warn({ bytes: replayed.torn }, "the log's torn last line is cut off");
    logger.info({ ...replayed, duration_ms: Math.round(performance.now() - started) }, "the log is loaded");
    this.#indexes.start();
    this.#compactor.compactIfDue();
  }

  /** @throws LakehouseError `trace_exists`, and what any write throws: `trace_log_full`, `trace_log_unavailable`, `trace_log_busy` */
  add({ uid, content, ...others }: AddTraceRequest): Promise<Answered> {
    return this.#write({ op: "add", uid, content: contentOf(content), ...others });
  }

  /** @throws LakehouseError `trace_not_found` for a uid alone that is not there */
  addIdempotent({ uid, content, ...others }: AddIdempotentRequest): Promise<Answered> {
    return this.#write({
      op: "add_idempotent",
      uid,
      content: content === undefined ? undefined : contentOf(content),
      ...others,
    });
  }

  /** @throws LakehouseError `trace_not_found` */
  update({ uid, content, tags }: UpdateTraceRequest): Promise<Answered> {
    return this.#write({ op: "update", uid, content: contentOf(content), tags });
  }

  /** @throws LakehouseError `trace_not_found`, `trace_superseded` */
  revise({ uid, content, tags }: ReviseTraceRequest): Promise<Answered> {
    return this.#write({ op: "revise", uid, content: contentOf(content), tags });
  }

  /** @throws LakehouseError `trace_not_found` */
  retire(uid: string): Promise<Answered> {
    return this.#write({ op: "retire", uid });
  }

  /** @throws LakehouseError `trace_not_found` */
  get(uid: string): TraceView {
    return now(this.#known(uid));
  }

  /** The trace, its predecessor, and so on; a log that somebody wrote may run in a circle. @throws LakehouseError `trace_not_found` */
  history(uid: string): TraceView[] {
    const seen = new Set<StoredTrace>();
    let trace: StoredTrace | undefined = this.#known(uid);
    while (trace && !seen.has(trace) && seen.size < HISTORY_TRACES_MAX) {
      seen.add(trace);
      trace = trace.predecessorUid === null ? undefined : this.#traces.get(trace.predecessorUid);
    }
    return [...seen].map(now);
  }

  /** Best first; waits where much was written just before, or the log was just read. */
  search(request: TraceSearchRequest): Promise<TraceHit[]> {
    return this.#indexes.search(request);
  }

  /** Contents of the log whose words are not indexed since it was read: a search waits for them. */
  get unindexed(): number {
    return this.#indexes.unindexed;
  }

  stats(): PathwayStats {
    const { log, rejected } = this.#dependencies;
    const { garbageBytes: garbage_bytes, compactions } = this.#compactor;
    return {
      ...this.#traces.counts(),
      log: { bytes: log.length, garbage_bytes, rejected_lines: rejected.count, compactions },
    };
  }

  /** Ends what runs in the background, once all that was submitted is written. */
  async close(): Promise<void> {
    await this.#compactor.stop();
    await this.#queue.close();
  }

  async #write(command: TraceCommand): Promise<Answered> {
    const { uid, moment, existing } = await this.#queue.submit(command);
    return { view: viewAt(this.#traces.get(uid)!, moment)!, existing };
  }

  #apply(event: TraceEvent, lineBytes: number): void {
    const version = this.#traces.apply(event);
    if (version) this.#indexes.add(version);
    const touched = this.#traces.get(event.op === "revise" ? event.predecessor : event.uid);
    if (touched) this.#indexes.touch(touched);
    this.#clock.observe(event.op === "replay" ? event.at.at(-1)! : event.at);
    if (event.op !== "replay") return;
    // Of the lines that say a trace was replayed, a snapshot keeps one, with the moments of all.
    const isFirst = this.#traces.get(event.uid)!.replays.length === event.at.length;
    if (!isFirst) this.#compactor.addGarbage(lineBytes - event.at.length * FOLDED_MOMENT_BYTES);
  }

  #known(uid: string): StoredTrace {
    const trace = this.#traces.get(uid);
    if (!trace) throw notFound(uid);
    return trace;
  }
}

function now(trace: StoredTrace): TraceView {
  return viewAt(trace, NOW)!;
}
