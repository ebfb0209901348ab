import { LakehouseError } from "@lakehouse/core";
import { BUSY_RETRY_AFTER_SECONDS, QUEUE_PER_SLOT, QUEUE_WAIT_MS_MAX } from "./limits.ts";

type Leave = () => void;

/** How many queries run at once. A few wait their turn, briefly; the next is shed. */
export class QuerySlots {
  readonly count: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(count: number) {
    this.count = count;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * @returns a function that gives the slot back; it may be called more than once
   * @throws LakehouseError `query_busy`; the signal's reason where it aborts while waiting
   */
  async enter(signal: AbortSignal): Promise<Leave> {
    if (this.#running < this.count) this.#running += 1;
    else await this.#wait(signal);
    let left = false;
    return () => {
      if (!left) this.#leave();
      left = true;
    };
  }

  async #wait(signal: AbortSignal): Promise<void> {
    if (this.#waiting.length >= this.count * QUEUE_PER_SLOT) throw busy(this.count);
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const giveUp = (reason: unknown) => {
      this.#waiting.splice(this.#waiting.indexOf(resolve), 1);
      reject(reason as Error);
    };
    const onAbort = () => giveUp(signal.reason);
    const timer = setTimeout(() => giveUp(busy(this.count)), QUEUE_WAIT_MS_MAX);
    signal.addEventListener("abort", onAbort);
    this.#waiting.push(resolve);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** The next one in the queue takes the slot over, so that nobody slips in between. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#running -= 1;
  }
}

function busy(slots: number): LakehouseError {
  return new LakehouseError("query_busy", `All ${slots} query places and the queue are taken.`, {
    retryAfterSeconds: BUSY_RETRY_AFTER_SECONDS,
  });
}
