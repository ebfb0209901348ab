import { expect, test } from "vitest";
import { isNotModified } from "./entity-tags.ts";

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
