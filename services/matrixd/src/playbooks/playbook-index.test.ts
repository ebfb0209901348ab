import { namePattern } from "@lakehouse/contracts";
import fc from "fast-check";
import { expect, it } from "vitest";
import { isPlaybookIndex, playbookId, playbookIndexName } from "./playbook-index.ts";

it("every model has an index of a legal name, and no two share one", () => {
  const model = fc.string({ minLength: 1, maxLength: 256, unit: "grapheme" });
  fc.assert(
    fc.property(model, model, fc.integer({ min: 1, max: 4096 }), (one, other, dimension) => {
      const name = playbookIndexName(one, dimension);
      expect(name).toMatch(namePattern);
      expect(isPlaybookIndex(name)).toBe(true);
      if (one !== other) expect(playbookIndexName(other, dimension)).not.toBe(name);
      expect(playbookIndexName(one, dimension + 1)).not.toBe(name);
    }),
  );
  expect(playbookIndexName("a/b:c", 768)).not.toBe(playbookIndexName("a-b-c", 768));
});

it("the same answer to the same query is one playbook, and nothing else is", () => {
  expect(playbookId("q", "c", "a")).toBe(playbookId("q", "c", "a"));
  const others = [playbookId("q", "ca", ""), playbookId("qc", "", "a"), playbookId("q", "a", "c")];
  expect(new Set([playbookId("q", "c", "a"), ...others]).size).toBe(4);
});
