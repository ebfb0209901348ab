import { LakehouseError } from "@lakehouse/contracts";
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
    clearTimeout(this.#timer);
    this.#startedAt = performance.now();
    this.#timer = setTimeout(() => this.#end(`The query took longer than ${this.#limitMs} ms.`), this.#remainingMs);
  }

  pause(): void {
    clearTimeout(this.#timer);
    this.#remainingMs -= performance.now() - this.#startedAt;
    this.#timer = setTimeout(() => this.#end("The client did not read its result."), STALL_MS_MAX);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #end(message: string): void {
    this.#abort.abort(new LakehouseError("query_timeout", message, { details: { timeout_ms: this.#limitMs } }));
  }
}
