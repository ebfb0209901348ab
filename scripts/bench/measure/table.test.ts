import { expect, it } from "vitest";
import type { Figure } from "./figure.ts";
import { amount, figuresTable, reachText } from "./table.ts";

const figure: Figure = {
  what: "a path",
  unit: "ms",
  better: "less",
  measured: { ours: [2, 3, 4], peer: [1, 1, 1], other: [6, 6, 6] },
  reaches: [
    { peer: "peer", factor: 1.3, plus: 1 },
    { peer: "other", factor: 1 },
  ],
  costs: [{ process: "queryd", peakMiB: 301.4, cpuSeconds: 0.25 }],
};

it("a row a peer: medians, spreads, ratio, reach and what it cost", () => {
  expect(figuresTable([figure], false).split("\n").slice(2)).toEqual([
    "| a path | 3 ms (2 to 4) | peer: 1 ms | **3 ×** (2 to 4) | ≤ 1.3 × + 1 ms: **not met** | queryd 301 MiB, 0.25 s CPU |",
    "| | | other: 6 ms | **0.5 ×** (0.333 to 0.667) | ≤ 1 ×: met | |",
  ]);
});

it("a figure without a peer is held against its limit", () => {
  const alone: Figure = {
    what: "memory",
    unit: "MiB",
    better: "less",
    measured: { queryd: [99] },
    reaches: [{ limit: 100 }],
  };
  expect(figuresTable([alone], false)).toContain("| memory | 99 MiB | | | ≤ 100 MiB: met | |");
});

it("a quick run says nothing about what is met", () => {
  expect(figuresTable([figure], true)).not.toMatch(/met/);
});

it("a reach reads as a person would write it", () => {
  expect(reachText(figure, { peer: "peer", factor: 1, plus: 2 })).toBe("≤ peer + 2 ms");
  expect(reachText({ ...figure, better: "more" }, { peer: "peer", factor: 0.9 })).toBe("≥ 0.9 ×");
});

it("an amount has three digits that count", () => {
  expect([0.012345, 1.5, 99.95, 20_041.7].map(amount)).toEqual(["0.0123", "1.5", "100", "20,042"]);
});
