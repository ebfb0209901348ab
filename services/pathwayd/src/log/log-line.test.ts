import fc from "fast-check";
import { expect, test } from "vitest";
import { BadLineError, decodeLine, encodeLine } from "./log-line.ts";

const record = fc
  .record({ uid: fc.string({ unit: "binary" }), content: fc.jsonValue() })
  .map((one) => JSON.stringify(one));

test("a line is JSON, and gives its record back", () => {
  fc.assert(
    fc.property(record, (json) => {
      const line = encodeLine(json);
      expect(line.indexOf("\n")).toBe(line.length - 1);
      expect(JSON.parse(line)).toEqual({
        bytes: Buffer.byteLength(json),
        crc32: expect.stringMatching(/^[0-9a-f]{8}$/),
        record: JSON.parse(json),
      });
      expect(decodeLine(Buffer.from(line.trimEnd())).toString()).toBe(json);
    }),
  );
});

test("a line that was changed, cut or drawn out anywhere is told", () => {
  fc.assert(
    fc.property(record, fc.nat(), fc.integer({ min: 1, max: 255 }), (json, place, flip) => {
      const line = Buffer.from(encodeLine(json).trimEnd());
      const at = place % line.length;
      const flipped = Buffer.from(line);
      flipped[at]! ^= flip;
      const spaced = Buffer.concat([line.subarray(0, at), Buffer.from(" "), line.subarray(at)]);
      for (const bad of [flipped, spaced, line.subarray(0, at), Buffer.concat([line, Buffer.from("}")])]) {
        expect(() => decodeLine(bad)).toThrow(BadLineError);
      }
    }),
    { numRuns: 500 },
  );
});
