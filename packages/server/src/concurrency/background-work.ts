import { setTimeout as delay } from "node:timers/promises";
import { backgroundContext, type RequestContext, withSignals } from "@lakehouse/core";

/** Node's timers turn anything longer into one millisecond. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Between two attempts at what needs a peer that is out of reach: doubled after each. */
const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 2_000;

/** Work that no request asks for, until the service stops: it then ends its pauses and its calls to peers, and waits for the rest. */
export class BackgroundWork {
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();

  get isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Starts work that ends by itself, or when `pause` or `isStopping` say so. It must not throw. */
  start(work: () => Promise<void>): void {
    const running = work().finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Does the work again and again, with a pause before each time. @param onError told of each failure but those of the stop itself */
  every(periodMs: number, work: () => Promise<void>, onError: (error: unknown) => void): void {
    this.start(async () => {
      while (await this.pause(periodMs)) {
        try {
          await work();
        } catch (error) {
          if (!this.isStopping) onError(error);
        }
      }
    });
  }

  /**
   * Does the work until it succeeds.
   * @param onError told of each failure, and the how manieth it is
   * @returns false where the service stops before
   */
  async untilDone(work: () => Promise<void>, onError: (error: unknown, failures: number) => void): Promise<boolean> {
    for (let failures = 0; !this.isStopping; failures++) {
      try {
        await work();
        return true;
      } catch (error) {
        onError(error, failures + 1);
        await this.pause(Math.min(RETRY_MS_MIN * 2 ** failures, RETRY_MS_MAX));
      }
    }
    return false;
  }

  context(deadlineMs: number): RequestContext {
    return withSignals(backgroundContext(deadlineMs), this.#stopping.signal);
  }

  /** @returns false where the service stops meanwhile */
  async pause(ms: number): Promise<boolean> {
    const { signal } = this.#stopping;
    await delay(Math.min(ms, TIMER_MS_MAX), undefined, { signal }).catch(() => {}); // rejects only when the service stops
    return !signal.aborted;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
  }
}
