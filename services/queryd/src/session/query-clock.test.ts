import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { STALL_MS_MAX } from "./limits.ts";
import { QueryClock } from "./query-clock.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("the limit counts the engine's time, not the client's", () => {
  const clock = new QueryClock(1_000);
  vi.advanceTimersByTime(600);
  clock.pause();
  vi.advanceTimersByTime(50_000);
  clock.resume();
  vi.advanceTimersByTime(399);
  expect(clock.signal.aborted).toBe(false);
  vi.advanceTimersByTime(2);
  expect(clock.signal.reason).toMatchObject({ code: "query_timeout", details: { timeout_ms: 1_000 } });
});

test("a client that reads nothing for too long ends the query", () => {
  const clock = new QueryClock(1_000);
  clock.pause();
  vi.advanceTimersByTime(STALL_MS_MAX + 1);
  expect(clock.signal.reason).toMatchObject({
    code: "query_timeout",
    message: expect.stringContaining("did not read"),
  });
});

test("a clock that was stopped never rings", () => {
  const clock = new QueryClock(1_000);
  clock.stop();
  clock.pause();
  clock.resume();
  expect(vi.getTimerCount()).toBe(0);
  expect(clock.signal.aborted).toBe(false);
});
