import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Batch, encodeAdd, encodeDelete } from "./batch.ts";
import { DamagedError } from "./damaged-error.ts";
import { decodeRecord, type Entry, encodeRecord, type LogRecord } from "./log-record.ts";

const index_id = "0b0b1a52-7a9c-4e5c-9f63-0f2b8b0f8c11";
const parameters = { dimension: 3, distance: "l2", m: 16, ef_construction: 200, ef_search: 100 } as const;
const head = { name: "résumés", sequence: 1_763_700_000_000_001, previous: 7, written_at: "2025-11-21T04:00:00.000Z" };
const batch = encodeAdd(["a", "ü"], Float32Array.of(1, 2, 3, 4, 5, 6), ['{"x":1}', undefined]);
const record: LogRecord = { head, entry: { entry: "batches", index_id }, batches: [batch, encodeDelete(["a"])] };
const bytes = Buffer.concat(encodeRecord(record));

describe("a log record", () => {
  it.each<Entry>([{ entry: "create", index_id, parameters }, { entry: "batches", index_id }, { entry: "drop" }])(
    "of $entry reads back",
    (entry) => {
      expect(decodeRecord(Buffer.concat(encodeRecord({ head, entry, batches: [] })))).toEqual({
        head,
        entry,
        batches: [],
      });
    },
  );

  it("reads back with its batches, wherever it lies in memory", () => {
    for (const shift of [0, 1, 3]) {
      const moved = Buffer.concat([Buffer.alloc(shift), bytes]).subarray(shift);
      const { batches } = decodeRecord(moved);
      const [added, deleted] = batches.map((one) => new Batch(one));
      expect([added!.id(1), [...added!.vector(1)], added!.metadata(0), added!.metadata(1)]).toEqual([
        "ü",
        [4, 5, 6],
        '{"x":1}',
        undefined,
      ]);
      expect(deleted!.id(0)).toBe("a");
    }
  });

  it("starts its batches at a multiple of 8", () => {
    for (let length = 1; length < 20; length++) {
      const [envelope] = encodeRecord({ ...record, head: { ...head, name: "x".repeat(length) } });
      expect(envelope!.length % 8).toBe(0);
    }
  });

  it("cut anywhere is damaged", () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeRecord(bytes.subarray(0, length))).toThrow(DamagedError);
    }
    expect(() => decodeRecord(Buffer.concat([bytes, Buffer.alloc(1)]))).toThrow(DamagedError);
  });

  it("with any bit flipped is damaged", () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
        const flipped = Buffer.from(bytes);
        flipped[at]! ^= 1 << bit;
        expect(() => decodeRecord(flipped)).toThrow(DamagedError);
      }),
      { numRuns: 1_000 },
    );
  });
});
