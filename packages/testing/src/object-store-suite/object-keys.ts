import { isKey } from "@lakehouse/core";
import fc from "fast-check";

const SEGMENT_BYTES_MAX = 255;

/** What has tripped up one store or another: escapes, quotes, spaces at the ends, characters past the first plane. */
const nasty = [
  "a%2Fb",
  "%",
  "%25",
  "+",
  " ",
  "a b",
  "?",
  "#",
  "&",
  "=",
  "\\",
  "'",
  '"',
  "...",
  ".a",
  "é",
  "é",
  "～",
  "😀",
  "\ufffe",
  "~",
  "*",
  "<&>",
];

const segment = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 12 }) },
  { weight: 1, arbitrary: fc.constantFrom(...nasty) },
  { weight: 1, arbitrary: fc.constantFrom("a", "b", "ab") },
);

/** Any key that every store can hold. */
export const objectKeys: fc.Arbitrary<string> = fc
  .array(segment, { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join("/"))
  .filter((key) => isKey(key) && key.split("/").every((one) => Buffer.byteLength(one) <= SEGMENT_BYTES_MAX));

/** Keys that can stand beside each other everywhere: none is a folder of another. */
export const objectKeySets: fc.Arbitrary<string[]> = fc
  .uniqueArray(objectKeys, { maxLength: 14 })
  .map((keys) => keys.filter((key) => !keys.some((other) => other.startsWith(`${key}/`))));

/** The order of listings: by UTF-8 bytes, which is not that of JavaScript's strings. */
export function inKeyOrder(keys: readonly string[]): string[] {
  return keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}
