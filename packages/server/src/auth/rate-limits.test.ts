import fc from "fast-check";
import { expect, it } from "vitest";
import { RateLimits } from "./rate-limits.ts";

const passes = (rates: RateLimits, name: string, limit: number): number | true => {
  try {
    rates.count(name, limit);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: "rate_limited" });
    return (error as { retryAfterSeconds: number }).retryAfterSeconds;
  }
};

it("lets the first requests of a minute pass, and says when the next one begins", () => {
  let now = 1_000;
  const rates = new RateLimits(() => now);
  expect([passes(rates, "a", 2), passes(rates, "a", 2), passes(rates, "a", 2)]).toEqual([true, true, 60]);
  expect(passes(rates, "b", 2)).toBe(true);
  now += 59_001;
  expect(passes(rates, "a", 2)).toBe(1);
  now += 999;
  expect(passes(rates, "a", 2)).toBe(true);
});

it("lets no more than the limit pass in any minute that it counts, and waits 1 to 60 seconds", () => {
  const steps = fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 5 }), (pauses, limit) => {
      let now = 0;
      const rates = new RateLimits(() => now);
      const passed: number[] = [];
      for (const pause of pauses) {
        now += pause;
        const outcome = passes(rates, "a", limit);
        if (outcome === true) passed.push(now);
        else expect(outcome).toSatisfy((wait: number) => Number.isInteger(wait) && wait >= 1 && wait <= 60);
      }
      // Two windows may meet: twice the limit is the most that any 60 seconds can see.
      for (const at of passed)
        expect(passed.filter((one) => one >= at && one < at + 60_000).length).toBeLessThanOrEqual(2 * limit);
      expect(passed.length).toBeLessThanOrEqual(limit * (1 + Math.floor(now / 60_000)));
    }),
  );
});
