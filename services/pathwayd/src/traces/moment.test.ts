import fc from "fast-check";
import { expect, test } from "vitest";
import { EventClock, endOf, formatMoment, startOf } from "./moment.ts";

test("a moment survives being written", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9e15 }), (moment) => {
      expect(startOf(formatMoment(moment))).toBe(moment);
      expect(endOf(formatMoment(moment))).toBe(moment);
    }),
  );
});

test.each([
  ["2026-11-21T10:00:00Z", "10:00:00.000000", "10:00:00.999999"],
  ["2026-11-21T10:00:00.1Z", "10:00:00.100000", "10:00:00.199999"],
  ["2026-11-21T10:00:00.123Z", "10:00:00.123000", "10:00:00.123999"],
  ["2026-11-21T12:30:00.123456789+02:30", "10:00:00.123456", "10:00:00.123456"],
])("%s is all that it names", (time, first, last) => {
  expect(formatMoment(startOf(time))).toBe(`2026-11-21T${first}Z`);
  expect(formatMoment(endOf(time))).toBe(`2026-11-21T${last}Z`);
});

test("no two events have one moment, and none comes before one that was seen", () => {
  const clock = new EventClock();
  const moments = Array.from({ length: 1_000 }, () => clock.next());
  expect(new Set(moments).size).toBe(1_000);
  expect(moments).toEqual(moments.toSorted((a, b) => a - b));
  expect(Math.abs(moments[0]! / 1_000 - Date.now())).toBeLessThan(5_000);
  const future = startOf("2201-01-01T00:00:00Z");
  clock.observe(future);
  expect(clock.next()).toBe(future + 1);
});
