import { setTimeout as delay } from "node:timers/promises";
import { httpRequest, loadWith } from "./load.ts";

const EVERY_MS = 10;

/** Asks for /health every few milliseconds while something else is done. */
export class HealthProbe {
  /** Milliseconds of each answer. */
  readonly times: number[] = [];
  readonly #url: () => string;

  constructor(url: () => string) {
    this.#url = url;
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    const over = new AbortController();
    const asking = this.#ask(over.signal);
    try {
      return await work();
    } finally {
      over.abort();
      await asking;
    }
  }

  async #ask(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      this.times.push(
        ...(await loadWith(this.#url(), { clients: 1, count: 1 }, () => httpRequest("GET", "/health"))).times,
      );
      await delay(EVERY_MS);
    }
  }
}
