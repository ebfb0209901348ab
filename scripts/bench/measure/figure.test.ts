import { expect, it } from "vitest";
import { type Figure, median, outcomeOf, quantile, ratioTo, reachesOf } from "./figure.ts";

const times: Figure = {
  what: "a path",
  unit: "ms",
  better: "less",
  measured: { ours: [3, 30, 6], peer: [2, 20, 6], once: [4] },
};
const rates: Figure = { ...times, better: "more" };

it("a ratio is taken round by round, so that a slow round of both says nothing", () => {
  expect(ratioTo(times, "peer")).toEqual({ median: 1.5, least: 1, most: 1.5 });
});

it("beside a peer that ran once every round is held against that", () => {
  expect(ratioTo(times, "once")).toEqual({ median: 1.5, least: 0.75, most: 7.5 });
});

it("less time than the peer allows meets the reach, and more does not", () => {
  expect(outcomeOf(times, { peer: "peer", factor: 1.5 })).toMatchObject({ isMet: true, score: 1 / 1.5, aim: 1 / 1.5 });
  expect(outcomeOf(times, { peer: "peer", factor: 1.4 })).toMatchObject({ isMet: false });
});

it("a reach may allow something on top of the peer", () => {
  expect(outcomeOf(times, { peer: "peer", factor: 1, plus: 1 }).isMet).toBe(true);
  expect(outcomeOf(times, { peer: "peer", factor: 1, plus: 0.9 }).isMet).toBe(false);
});

it("of rates more is better", () => {
  expect(outcomeOf(rates, { peer: "peer", factor: 1.5 })).toEqual({ isMet: true, score: 1.5, aim: 1.5 });
  expect(outcomeOf(rates, { peer: "peer", factor: 1.6 }).isMet).toBe(false);
});

it("a limit is held against the median of ours", () => {
  expect(outcomeOf(times, { limit: 6 })).toEqual({ isMet: true, score: 1, aim: 1 });
  expect(outcomeOf(times, { limit: 5.9 }).isMet).toBe(false);
});

it("a peer that could not be had is no measure", () => {
  const reaches = [{ peer: "polars", factor: 1 }, { limit: 5 }];
  expect(reachesOf({ ...times, reaches })).toEqual([{ limit: 5 }]);
});

it("the median of an even number lies between the two in the middle", () => {
  expect(median([4, 1, 2, 10])).toBe(3);
  expect(median([7])).toBe(7);
});

it("p99 is one of the values, and the largest of fewer than a hundred", () => {
  const values = Array.from({ length: 200 }, (_, i) => i + 1);
  expect(quantile(values, 0.99)).toBe(199);
  expect(quantile([1, 2, 3], 0.99)).toBe(3);
});
