import { expect, test } from "vitest";
import { isHeld, isNotModified, parseEntityTags } from "./entity-tags.ts";

test.each([
  [undefined, undefined],
  ["*", "*"],
  [" * ", "*"],
  ['"a"', ['"a"']],
  ['W/"a"', ['"a"']],
  ['"a", W/"b" ,"c,d"', ['"a"', '"b"', '"c,d"']],
  ["abc", ['"abc"']],
  ['abc, "d"', ['"abc"', '"d"']],
  ["", []],
])("If-None-Match %s reads as %j", (header, tags) => expect(parseEntityTags(header)).toEqual(tags));

test("an object is held under its own ETag, or any", () => {
  expect(isHeld('"a"', ['"b"', '"a"'])).toBe(true);
  expect(isHeld('"a"', ['"b"'])).toBe(false);
  expect(isHeld('"a"', "*")).toBe(true);
});

test.each([
  [undefined, false],
  ["", false],
  ['"a"', true],
  ['W/"a"', true],
  ['"b", W/"a" ,"c,d"', true],
  ['"b", "c"', false],
  ['"b,"a"', false],
  ["*", true],
])('If-None-Match: %s against "a" is %s', (header, held) => expect(isNotModified(header, '"a"')).toBe(held));
