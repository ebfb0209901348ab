import { filterSchema } from "@lakehouse/contracts";
import { describe, expect, it } from "vitest";
import { parseRequest } from "./checks.ts";
import { meets } from "./metadata-filter.ts";

describe("a value meets a condition", () => {
  it.each([
    ["IL", "IL", true],
    ["IL", "WI", false],
    ["3", 3, false],
    [true, true, true],
    [null, null, true],
    [undefined, null, false],
    ["Welder", ["Welder", "CNC"], true],
    [3, ["3"], false],
    ["Welder", [], false],
    [3, { gte: 3, lt: 9 }, true],
    [9, { gte: 3, lt: 9 }, false],
    [3, { gt: 3 }, false],
    [3, { lte: 3 }, true],
    ["5", { gte: 3 }, false],
    ["2024-06-01", { gte: "2024-01-01", lt: "2025-01-01" }, true],
    [undefined, { lt: 9 }, false],
    [{ a: 1 }, { lt: 9 }, false],
    [["OSHA 10", "OSHA 30"], "OSHA 30", true],
    [["OSHA 10"], ["OSHA 30", "CPR"], false],
    [[1, 20], { gt: 10 }, true],
    [[], { gt: 10 }, false],
    [[[1]], 1, false],
  ])("%o meets %o: %s", (value, condition, wanted) => {
    expect(meets(value, condition)).toBe(wanted);
  });
});

describe("a filter on the wire", () => {
  it("keeps keys that mean something to JavaScript as keys", () => {
    const filter = filterSchema.parse(JSON.parse('{"__proto__":"x","constructor":["y"],"toString":{"gt":1}}'));
    expect(filter).toEqual([
      ["__proto__", "x"],
      ["constructor", ["y"]],
      ["toString", { gt: 1 }],
    ]);
  });

  it.each([[[]], ["x"], [{ a: {} }], [{ a: { near: 1 } }], [{ a: [{}] }], [{ a: { gt: true } }]])(
    "refuses %o",
    (filter) => {
      expect(filterSchema.safeParse(filter).success).toBe(false);
    },
  );
});

it("a condition that is none is named by its key, as it was sent", () => {
  const ask = () => parseRequest(filterSchema, { role: "Welder", years: { gte: 3, near: 4 } });
  expect(ask).toThrow(
    expect.objectContaining({ details: expect.arrayContaining([expect.objectContaining({ path: "years" })]) }),
  );
});
