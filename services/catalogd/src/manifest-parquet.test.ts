import { type Manifest, manifestSchema } from "@lakehouse/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeManifest, encodeManifest } from "./manifest-parquet.ts";

const count = fc.maxSafeNat();
const text = fc.string({ unit: "grapheme", maxLength: 20 });
const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
const columnName = fc.oneof(text, fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty"));
const statValue = fc.oneof(text, fc.double({ noDefaultInfinity: true, noNaN: true }), fc.boolean(), fc.constant(null));
const columnStats = fc.record({ min: statValue, max: statValue, null_count: count });
const datasetObject = fc.record(
  { key: name, size: count, row_count: count, stats: fc.dictionary(columnName, columnStats, { maxKeys: 4 }) },
  { requiredKeys: ["key", "size", "row_count"], noNullPrototype: true },
);
const timestamp = fc
  .date({ min: new Date("0001-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true })
  .map((date) => date.toISOString());
const manifests: fc.Arbitrary<Manifest> = fc.record({
  dataset_id: fc.uuid(),
  name,
  schema_fingerprint: fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 64, maxLength: 64 }),
  columns: fc.array(fc.record({ name, type: fc.constantFrom("BIGINT", "VARCHAR", "TIMESTAMPTZ") }), { maxLength: 6 }),
  objects: fc.array(datasetObject, { maxLength: 5 }),
  row_count: count,
  created_at: timestamp,
  updated_at: timestamp,
});

test("a manifest comes back from JSON and from Parquet as it was, to the last digit and with any column's name", () => {
  fc.assert(
    fc.property(manifests, (sent) => {
      const manifest = manifestSchema.parse(JSON.parse(JSON.stringify(sent)));
      expect(JSON.stringify(manifest)).toBe(JSON.stringify(sent));
      expect(JSON.stringify(decodeManifest(encodeManifest(manifest)))).toBe(JSON.stringify(manifest));
    }),
    { numRuns: 300 },
  );
});

test("text that looks like a number, and numbers past 2^53 as text, keep their kind", () => {
  const stats = {
    zip: { min: "00501", max: "99950", null_count: 0 },
    id: { min: 1, max: "9007199254740993", null_count: 2 },
  };
  const decoded = decodeManifest(encodeManifest({ ...example, objects: [{ key: "k", size: 1, row_count: 1, stats }] }));
  expect(decoded.objects[0]?.stats).toEqual(stats);
});

test("a damaged file is refused, or says exactly what it said before: never anything else", () => {
  const bytes = encodeManifest(example);
  const untouched = JSON.stringify(example);
  const damage = fc.oneof(
    fc.record({ position: fc.nat(bytes.length - 1), flip: fc.integer({ min: 1, max: 255 }) }),
    fc.record({ length: fc.nat(bytes.length - 1) }),
  );
  let refused = 0;
  fc.assert(
    fc.property(damage, (damage) => {
      const seen = attempt(() => JSON.stringify(decodeManifest(damaged(bytes, damage))));
      if (seen === undefined) refused += 1;
      else expect(seen).toBe(untouched);
    }),
    { numRuns: 2_000 },
  );
  expect(refused).toBeGreaterThan(1_000);
  expect(JSON.stringify(decodeManifest(bytes))).toBe(untouched);
});

const example: Manifest = {
  dataset_id: "4ee908eb-05e4-5c26-a4ad-4ca54bb01062",
  name: "workers",
  schema_fingerprint: "ab".repeat(32),
  columns: [
    { name: "worker_id", type: "BIGINT" },
    { name: "zip", type: "VARCHAR" },
  ],
  objects: [
    {
      key: "datasets/workers/x/y.parquet",
      size: 1234,
      row_count: 10,
      stats: { zip: { min: "00501", max: "99950", null_count: 3 } },
    },
    { key: "datasets/workers/x/z.parquet", size: 99, row_count: 7 },
  ],
  row_count: 17,
  created_at: "2026-01-02T03:04:05.678Z",
  updated_at: "2026-01-02T03:04:05.679Z",
};

type Damage = { position: number; flip: number } | { length: number };

function damaged(bytes: Uint8Array, damage: Damage): Uint8Array {
  if ("length" in damage) return bytes.slice(0, damage.length);
  const copy = bytes.slice();
  copy[damage.position]! ^= damage.flip;
  return copy;
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined; // refused, which is what the caller counts
  }
}
