import { LakehouseError } from "@lakehouse/core";

const WINDOW_MS = 60_000;

interface Window {
  startedAt: number;
  count: number;
}

/** Requests by token: the first `limit` of each minute pass; a minute begins with the first request after the last one. */
export class RateLimits {
  readonly #now: () => number;
  /** By the token's name. */
  readonly #windows = new Map<string, Window>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @throws LakehouseError `rate_limited` */
  count(name: string, limit: number): void {
    const now = this.#now();
    const known = this.#windows.get(name);
    const window = known && now - known.startedAt < WINDOW_MS ? known : { startedAt: now, count: 0 };
    this.#windows.set(name, window);
    if (window.count >= limit) throw overLimit(limit, window.startedAt + WINDOW_MS - now);
    window.count += 1;
  }
}

function overLimit(limit: number, waitMs: number): LakehouseError {
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1_000));
  const sentence = `The token may make ${limit} requests a minute; ask again in ${retryAfterSeconds} s.`;
  return new LakehouseError("rate_limited", sentence, { retryAfterSeconds });
}
