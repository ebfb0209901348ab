import { statusOf } from "@lakehouse/clients/provider";
import type { ErrorCode } from "@lakehouse/contracts";
import { LakehouseError } from "@lakehouse/core";
import { COOL_DOWN_MS, FAILURES_MAX } from "./limits.ts";

/** What says nothing against the provider: it is there, and has a word on this one call. */
const wordsOnOneCall = new Set<ErrorCode>(["rate_limited", "quota_exhausted", "empty_completion"]);

export interface CoolingDown {
  /** In a row. */
  failures: number;
  code: ErrorCode;
  retryAfterSeconds: number;
}

/**
 * Leaves a provider alone that keeps failing. After a while one call tries it again, and then one in every such while, until one is
 * answered.
 */
export class CoolDown {
  readonly #now: () => number;
  #failures = 0;
  #code: ErrorCode = "upstream_unavailable";
  #until = 0;

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Undefined while calls are let through. */
  get state(): CoolingDown | undefined {
    if (this.#failures < FAILURES_MAX) return undefined;
    const retryAfterSeconds = Math.max(0, Math.ceil((this.#until - this.#now()) / 1_000));
    return { failures: this.#failures, code: this.#code, retryAfterSeconds };
  }

  /** Whether a call may go through now; the one that tries the provider again makes the others wait on. */
  admits(): boolean {
    if (this.#failures < FAILURES_MAX) return true;
    if (this.#now() < this.#until) return false;
    this.#until = this.#now() + COOL_DOWN_MS;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(error: unknown): void {
    this.#failures = isFailure(error) ? this.#failures + 1 : 0;
    this.#until = this.#now() + COOL_DOWN_MS;
    this.#code = error instanceof LakehouseError ? error.code : "internal_error";
  }
}

/** An answer of 4xx is about the call, whatever it says. */
function isFailure(error: unknown): boolean {
  if (!(error instanceof LakehouseError)) return true;
  return !wordsOnOneCall.has(error.code) && (error.code !== "upstream_error" || (statusOf(error) ?? 500) >= 500);
}
