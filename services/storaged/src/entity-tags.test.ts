import { expect, test } from "vitest";
import { isHeld, parseEntityTags } from "./entity-tags.ts";

test.each([
  [undefined, undefined],
  ["*", "*"],
  [" * ", "*"],
  ['"a"', ['"a"']],
  ['W/"a"', ['"a"']],
  ['"a", W/"b" ,"c,d"', ['"a"', '"b"', '"c,d"']],
  ["abc", ['"abc"']],
  ["", []],
])("If-None-Match %s reads as %j", (header, tags) => expect(parseEntityTags(header)).toEqual(tags));

test("an object is held under its own ETag, or any", () => {
  expect(isHeld('"a"', ['"b"', '"a"'])).toBe(true);
  expect(isHeld('"a"', ['"b"'])).toBe(false);
  expect(isHeld('"a"', "*")).toBe(true);
});
