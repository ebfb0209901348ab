import fc from "fast-check";
import { expect, it } from "vitest";
import type { LakehouseError } from "./lakehouse-error.ts";
import { assertKey } from "./object-key.ts";

const accepts = (key: string): boolean => {
  try {
    assertKey(key);
    return true;
  } catch (error) {
    expect((error as LakehouseError).code).toBe("invalid_key");
    return false;
  }
};

it.each(["a", "a/b/c.parquet", "..a", "a..", "...", "ä/日本/😀", " ", "a b", "%2F", "x".repeat(1024), "é".repeat(512)])(
  "%j is a key",
  (key) => expect(accepts(key)).toBe(true),
);

it.each(
  [
    ["", "a//b", "/a", "a/", ".", "..", "a/./b", "../a", "a/..", "a\u0000b", "a\nb", "a\u007f", "a\u0085", "\ud800"],
    ["x".repeat(1025), `${"é".repeat(512)}x`],
  ].flat(),
)("%j is none", (key) => expect(accepts(key)).toBe(false));

it("agrees with the rule as it is written, for any text", () => {
  const unit = fc.constantFrom("a", ".", "/", "\u0000", "\u0080", "é", "😀", "\udc00");
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 12 }), (units) => {
      const key = units.join("");
      const badSegment = key.split("/").some((segment) => ["", ".", ".."].includes(segment));
      const badCharacter = [...key].some((one) => one === "\u0000" || one === "\u0080" || one === "\udc00");
      expect(accepts(key)).toBe(key !== "" && !badSegment && !badCharacter);
    }),
    { numRuns: 2_000 },
  );
});
