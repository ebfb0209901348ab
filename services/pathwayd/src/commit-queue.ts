import { randomUUID } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { LakehouseError } from "@lakehouse/core";
import {
  BATCH_BYTES_MAX,
  BATCH_COMMANDS_MAX,
  BUSY_RETRY_SECONDS,
  MEND_RETRY_MS,
  WAITING_BYTES_MAX,
  WAITING_COMMANDS_MAX,
} from "./limits.ts";
import type { AppendLog } from "./log/append-log.ts";
import { eventToJson } from "./log/event-json.ts";
import { encodeLine } from "./log/log-line.ts";
import { decide, type TraceCommand } from "./traces/decide.ts";
import type { EventClock, Moment } from "./traces/moment.ts";
import { StagedTraces } from "./traces/staged-traces.ts";
import type { TraceEvent } from "./traces/trace-event.ts";
import type { Traces } from "./traces/traces.ts";

export interface Committed {
  uid: string;
  /** The moment just after the command, at which nothing later has happened yet. */
  moment: Moment;
  existing: boolean;
}

export interface CommitQueueDependencies {
  log: AppendLog;
  traces: Traces;
  clock: EventClock;
  /** The event is durable: memory takes it over. */
  apply(event: TraceEvent, lineBytes: number): void;
  /** A batch of so many events was written. */
  onCommit(events: number): void;
}

interface Waiting {
  command: TraceCommand;
  resolve(committed: Committed): void;
  reject(error: unknown): void;
}

interface Decided extends Waiting {
  /** What comes of the command once the batch is durable. */
  outcome: Committed | LakehouseError;
  event: TraceEvent | undefined;
  /** Empty where there is no event. */
  line: string;
}

/**
 * The one writer. Commands that come while a write is under way go into the next one together: one trip to the disk for all of
 * them. Memory changes, and a command is answered, only once its line is durable.
 */
export class CommitQueue {
  readonly #dependencies: CommitQueueDependencies;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #between: (() => Promise<void>)[] = [];
  #work: Promise<void> | undefined;
  #mending: NodeJS.Timeout | undefined;

  constructor(dependencies: CommitQueueDependencies) {
    this.#dependencies = dependencies;
  }

  /** @throws LakehouseError what `decide` throws, `trace_log_full`, `trace_log_unavailable`, `trace_log_busy` */
  submit(command: TraceCommand): Promise<Committed> {
    const bytes = bytesOf(command);
    if (this.#waiting.length >= WAITING_COMMANDS_MAX || this.#waitingBytes + bytes > WAITING_BYTES_MAX) {
      const options = { retryAfterSeconds: BUSY_RETRY_SECONDS };
      return Promise.reject(new LakehouseError("trace_log_busy", "Too many writes wait for the log.", options));
    }
    this.#waitingBytes += bytes;
    const { promise, resolve, reject } = Promise.withResolvers<Committed>();
    this.#waiting.push({ command, resolve, reject });
    this.#start();
    return promise;
  }

  /** Runs between two writes, and holds the next one up. */
  exclusive<T>(work: () => Promise<T> | T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#between.push(async () => {
      try {
        resolve(await work());
      } catch (error) {
        reject(error);
      }
    });
    this.#start();
    return promise;
  }

  /** Once all that was submitted has been answered. */
  async close(): Promise<void> {
    while (this.#work !== undefined) await this.#work;
    clearTimeout(this.#mending);
  }

  #start(): void {
    if (this.#work === undefined) this.#work = this.#run();
  }

  async #run(): Promise<void> {
    do {
      // Who was answered by the last write, or came in the same turn, may join.
      await nextTurn();
      for (const work of this.#between.splice(0)) await work();
      await this.#commit(this.#nextBatch());
    } while (this.#waiting.length + this.#between.length > 0);
    this.#work = undefined; // in the same turn as the last look: what comes later starts anew
  }

  #nextBatch(): Waiting[] {
    let bytes = 0;
    const isFull = ({ command }: Waiting, index: number) => {
      bytes += bytesOf(command);
      return index === BATCH_COMMANDS_MAX || (index > 0 && bytes > BATCH_BYTES_MAX);
    };
    const end = this.#waiting.findIndex(isFull);
    const batch = this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
    for (const { command } of batch) this.#waitingBytes -= bytesOf(command);
    return batch;
  }

  async #commit(batch: Waiting[]): Promise<void> {
    const { log, apply, onCommit } = this.#dependencies;
    const decided = this.#decide(batch);
    const lines = decided.flatMap(({ line }) => line || []);
    try {
      if (lines.length > 0) await log.append(Buffer.from(lines.join("")));
    } catch (error) {
      // A refusal may rest on what was to be written with it, so nobody is told one.
      for (const { reject } of decided) reject(error);
      this.#mendSoon();
      return;
    }
    for (const { event, line } of decided) if (event) apply(event, Buffer.byteLength(line));
    for (const { outcome, resolve, reject } of decided) {
      if (outcome instanceof LakehouseError) reject(outcome);
      else resolve(outcome);
    }
    onCommit(lines.length);
  }

  /** The log is well again once the disk lets it be, also where nobody writes any more. */
  #mendSoon(): void {
    const { log } = this.#dependencies;
    if (!log.isInDoubt || this.#mending) return;
    const mend = async () => {
      this.#mending = undefined;
      await log.mend().catch(() => this.#mendSoon());
    };
    this.#mending = setTimeout(() => void this.exclusive(mend), MEND_RETRY_MS).unref();
  }

  /** One after the other, each on what those before it will have done. */
  #decide(batch: Waiting[]): Decided[] {
    const staged = new StagedTraces(this.#dependencies.traces);
    return batch.map((waiting) => {
      const moment = this.#dependencies.clock.next();
      try {
        const { event, ...outcome } = decide(staged, waiting.command, { at: moment, freshUid: randomUUID() });
        if (event) staged.stage(event);
        const line = event ? encodeLine(eventToJson(event)) : "";
        return { ...waiting, event, line, outcome: { ...outcome, moment } };
      } catch (error) {
        if (!(error instanceof LakehouseError)) throw error;
        return { ...waiting, event: undefined, line: "", outcome: error };
      }
    });
  }
}

function bytesOf(command: TraceCommand): number {
  return "content" in command ? (command.content?.json.length ?? 0) : 0;
}
