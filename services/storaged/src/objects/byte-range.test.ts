import fc from "fast-check";
import { expect, test } from "vitest";
import { formatRange, parseRange, resolveRange } from "./byte-range.ts";

test("reads the three forms of one range", () => {
  expect(parseRange("bytes=0-99")).toEqual({ start: 0, end: 99 });
  expect(parseRange("bytes=100-")).toEqual({ start: 100 });
  expect(parseRange("bytes=-100")).toEqual({ suffix: 100 });
  expect(parseRange("Bytes= 5-5 ")).toEqual({ start: 5, end: 5 });
  expect(parseRange(`bytes=1-${2n ** 63n - 1n}`)).toEqual({ start: 1, end: Number.MAX_SAFE_INTEGER });
});

test.each([
  undefined,
  "",
  "bytes",
  "bytes=",
  "bytes=-",
  "bytes=a-b",
  "bytes=5-4",
  "bytes=0-1,3-4",
  "items=0-1",
  "bytes=0x1-2",
])("%s is not a range, so it means the whole", (header) => expect(parseRange(header)).toBeUndefined());

const requests = fc.oneof(
  fc.tuple(fc.nat(40), fc.nat(40)).map(([start, length]) => ({ start, end: start + length })),
  fc.record({ start: fc.nat(40) }),
  fc.record({ suffix: fc.nat(40) }),
);

test("what it formats, it reads back", () => {
  fc.assert(
    fc.property(requests, (request) => {
      expect(parseRange(formatRange(request))).toEqual(request);
    }),
  );
});

test("means exactly the bytes that it names", () => {
  fc.assert(
    fc.property(requests, fc.nat(30), (request, size) => {
      const isNamed = (position: number) =>
        "suffix" in request
          ? position >= size - request.suffix
          : position >= request.start && position <= ((request as { end?: number }).end ?? size);
      const named = Array.from({ length: size }, (_, position) => position).filter(isNamed);
      const range = resolveRange(request, size);
      expect(range).toEqual(named.length === 0 ? undefined : { start: named[0], end: named.at(-1) });
    }),
  );
});
