import type { ErrorCode } from "@lakehouse/contracts";
import { LakehouseError } from "@lakehouse/core";
import { describe, expect, it } from "vitest";
import { CoolDown } from "./cool-down.ts";
import { COOL_DOWN_MS, FAILURES_MAX } from "./limits.ts";

function failure(code: ErrorCode, status?: number): LakehouseError {
  return new LakehouseError(code, "no", {
    details: { upstream: "openai", ...(status === undefined ? {} : { status }) },
  });
}

function failing(code: ErrorCode = "upstream_unavailable") {
  const clock = { now: 0 };
  const coolDown = new CoolDown(() => clock.now);
  for (let count = 0; count < FAILURES_MAX; count++) coolDown.failed(failure(code));
  return { clock, coolDown };
}

describe("a provider that keeps failing", () => {
  it("is left alone, and says for how long", () => {
    const { clock, coolDown } = failing("upstream_timeout");
    expect(coolDown.admits()).toBe(false);
    clock.now = COOL_DOWN_MS - 1;
    expect(coolDown.admits()).toBe(false);
    expect(coolDown.state).toEqual({ failures: FAILURES_MAX, code: "upstream_timeout", retryAfterSeconds: 1 });
  });

  it("is tried by one call after a while, and by one again after each failure", () => {
    const { clock, coolDown } = failing();
    for (let round = 0; round < 3; round++) {
      clock.now += COOL_DOWN_MS;
      expect([coolDown.admits(), coolDown.admits()]).toEqual([true, false]);
      coolDown.failed(failure("upstream_unavailable"));
    }
    expect(coolDown.state?.failures).toBe(FAILURES_MAX + 3);
  });

  it("is tried again where the call that tried it never came back", () => {
    const { clock, coolDown } = failing();
    clock.now = COOL_DOWN_MS;
    expect(coolDown.admits()).toBe(true);
    clock.now += COOL_DOWN_MS;
    expect(coolDown.admits()).toBe(true);
  });

  it("is asked as ever once it answered", () => {
    const { clock, coolDown } = failing();
    clock.now = COOL_DOWN_MS;
    coolDown.succeeded();
    expect(coolDown.state).toBeUndefined();
    expect([coolDown.admits(), coolDown.admits()]).toEqual([true, true]);
  });

  it.each([
    failure("rate_limited", 429),
    failure("quota_exhausted", 429),
    failure("upstream_error", 404),
    failure("empty_completion"),
  ])("does not fail where it has a word on one call: $code", (word) => {
    const { coolDown } = failing();
    coolDown.failed(word);
    expect(coolDown.state).toBeUndefined();
  });

  it.each([failure("upstream_error", 500), failure("bad_upstream_answer"), new Error("a fault of ours")])(
    "fails with %s",
    (error) => {
      const coolDown = new CoolDown();
      for (let count = 0; count < FAILURES_MAX; count++) coolDown.failed(error);
      expect(coolDown.admits()).toBe(false);
    },
  );
});
