import fc from "fast-check";
import { expect, it } from "vitest";
import { isDeeperThan } from "./json-depth.ts";

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

it("is deeper than one level less than its depth, and no more, whatever its texts say", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.string(), (value, key) => {
      const whole = { [key]: value, '[{"\\': "]}[[[[[[[[[[[[[[[[" };
      const json = Buffer.from(JSON.stringify(whole));
      const depth = depthOf(whole);
      expect([isDeeperThan(depth - 1, json), isDeeperThan(depth, json)]).toEqual([true, false]);
    }),
  );
});
