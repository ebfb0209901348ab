import { expect, it } from "vitest";
import { CostMeter } from "./process-cost.ts";

it("tells the highest peak of memory and the processor time of some work", async () => {
  const meter = new CostMeter({ us: process });
  const grown = await meter.measure(async () => Buffer.alloc(64 * 2 ** 20, "x"));
  await meter.measure(async () => spinUntil(() => process.cpuUsage().user));
  const [first] = meter.peaksMiB("us");
  const [cost] = meter.costs();
  expect(grown).toHaveLength(64 * 2 ** 20);
  expect(first).toBeGreaterThan(64);
  expect(cost).toMatchObject({ process: "us", peakMiB: Math.max(...meter.peaksMiB("us")) });
  expect(cost!.cpuSeconds).toBeGreaterThan(0);
});

/** Until the processor has worked for a tenth of a second. */
function spinUntil(microseconds: () => number): void {
  const end = microseconds() + 100_000;
  while (microseconds() < end);
}
