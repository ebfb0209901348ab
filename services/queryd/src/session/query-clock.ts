import { LakehouseError } from "@lakehouse/core";
import { STALL_MS_MAX } from "./limits.ts";

/**
 * The time limit of one query. It runs while the engine works, and stands still while the client reads what is there:
 * a large result over a slow line is no long query. A client that reads nothing for too long ends it as well.
 */
export class QueryClock {
  readonly #abort = new AbortController();
  #remainingMs: number;
  readonly #limitMs: number;
  #startedAt = 0;
  #isStopped = false as boolean;
  #timer: NodeJS.Timeout | undefined;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
    this.#remainingMs = limitMs;
    this.resume();
  }

  /** Aborts with `query_timeout`. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  resume(): void {
    this.#startedAt = performance.now();
    this.#setTimer(this.#remainingMs, `The query took longer than ${this.#limitMs} ms.`);
  }

  pause(): void {
    this.#remainingMs -= performance.now() - this.#startedAt;
    this.#setTimer(STALL_MS_MAX, "The client did not read its result.");
  }

  /** For good: what is left of the query may still pause and resume. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #setTimer(ms: number, message: string): void {
    clearTimeout(this.#timer);
    if (!this.#isStopped) this.#timer = setTimeout(() => this.#end(message), ms);
  }

  #end(message: string): void {
    this.#abort.abort(new LakehouseError("query_timeout", message, { details: { timeout_ms: this.#limitMs } }));
  }
}
