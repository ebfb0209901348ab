import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { chartOf } from "./baseline-chart.ts";
import { benchTitles } from "./baseline-results.ts";

const benches = join(import.meta.dirname, "../../bench");
const row = { label: "a <path>", value: "2 × (≥ 1 ×)", score: 2, aim: 1, isMet: true, hasPeer: true };

it("the page has every bench that `just bench` runs, and each can be run alone", () => {
  const [, run] = /for bench in ([a-z ]+);/.exec(readFileSync(join(benches, "all"), "utf8"))!;
  expect(new Set(run!.split(" "))).toEqual(new Set(Object.keys(benchTitles)));
  for (const name of Object.keys(benchTitles)) accessSync(join(benches, name), constants.X_OK);
});

it("twice as good is drawn right of the line at 1 and half as good as far left of it", () => {
  const xOf = (score: number) => Number(/<circle class="(?:met|short)" cx="([\d.]+)" cy="1/.exec(drawn({ score }))![1]);
  const one = xOf(1);
  expect(xOf(2)).toBeGreaterThan(one);
  expect(one - xOf(0.5)).toBeCloseTo(xOf(2) - one, 5);
});

it("what lies beyond the axis is drawn at its end", () => {
  expect(drawn({ score: 1e6 })).toBe(drawn({ score: 16 }));
});

it("text can't break the drawing", () => {
  expect(drawn({})).toContain("a &lt;path&gt;");
});

it("a reader in the dark gets light text on dark ground", () => {
  expect(drawn({})).toMatch(/prefers-color-scheme: dark/);
});

function drawn(changed: Partial<typeof row>): string {
  return chartOf([{ title: "Some", rows: [{ ...row, ...changed }] }]);
}
