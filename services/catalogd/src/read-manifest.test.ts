import { type Manifest, manifestSchema } from "@lakehouse/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { datasetId } from "./dataset-id.ts";
import { encodeManifest } from "./manifest-parquet.ts";
import { readManifest } from "./read-manifest.ts";

const stats = {
  id: { min: 1, max: "9007199254740993", null_count: 0 },
  zip: { min: "00501", max: "99950", null_count: 3 },
  rate: { min: -1.5, max: 2, null_count: 0 },
};
const whole: Manifest = {
  dataset_id: datasetId("workers"),
  name: "workers",
  schema_fingerprint: "ab".repeat(32),
  columns: [
    { name: "id", type: "BIGINT" },
    { name: "zip", type: "VARCHAR" },
    { name: "rate", type: "DOUBLE" },
  ],
  objects: [
    { key: "datasets/workers/f/1.parquet", size: 1234, row_count: 10, stats },
    { key: "datasets/others/f/2.parquet", size: 99, row_count: 7 },
  ],
  row_count: 17,
  created_at: "2026-01-02T03:04:05.678Z",
  updated_at: "2026-01-02T03:04:05.679Z",
};

/** As an attacker would: a file with a digest that fits, whatever it says. */
function read(manifest: Manifest) {
  return readManifest(encodeManifest(manifest), "workers");
}

function damageOf(manifest: Manifest): string {
  const outcome = read(manifest);
  return "damage" in outcome ? outcome.damage : "";
}

const withObject = (change: object): Manifest => ({ ...whole, objects: [{ ...whole.objects[0]!, ...change }] });
const withStats = (column: keyof typeof stats, change: object) =>
  withObject({ stats: { ...stats, [column]: { ...stats[column], ...change } } });
const withColumn = (name: string, type: string): Manifest => ({ ...whole, columns: [{ name, type }] });

describe("a stored manifest, with a digest that fits", () => {
  it("is read where it says what a register could have made, objects of another dataset's folder included", () => {
    expect(read(whole)).toEqual({ manifest: whole });
  });

  it.each([
    ["another name", { ...whole, name: "others", dataset_id: datasetId("others") }, /It is the manifest of "others"/],
    ["another dataset's id", { ...whole, dataset_id: datasetId("others") }, /dataset_id/],
    ["a fingerprint that is a path", { ...whole, schema_fingerprint: "../x" }, /schema_fingerprint/],
    ["no columns", { ...whole, columns: [] }, /no columns/],
    ["a column twice", { ...whole, columns: ["a", "A"].map((name) => ({ name, type: "DATE" })) }, /twice/],
    ["a column with a NUL", withColumn("a\0b", "DATE"), /NUL/],
    ["a type that is SQL", withColumn("a", "VARCHAR); DROP TABLE x; --"), /which queryd does not know/],
    ["a type that is huge", withColumn("a", "INTEGER[99999999]"), /which queryd does not know/],
    ["a type that nests 20,000 deep", withColumn("a", "MAP(".repeat(20_000)), /which queryd does not know/],
    ["an object of vectord's", withObject({ key: "_vectors/v.lhv1" }), /where a service keeps/],
    ["a manifest as an object", withObject({ key: "_catalog/manifests/a.parquet" }), /where a service keeps/],
    ["a key that climbs out", withObject({ key: "datasets/../../etc/passwd" }), /segment "\.\."/],
    ["an absolute key", withObject({ key: "/etc/passwd" }), /starts with a slash/],
    ["a key with a control character", withObject({ key: "datasets/a\n/b" }), /control character/],
    ["a size below zero", withObject({ size: -1 }), /objects\.0\.size/],
    ["a size past 2^53", withObject({ size: 2 ** 60 }), /objects\.0\.size/],
    ["rows below zero", withObject({ row_count: -10 }), /objects\.0\.row_count/],
    ["an object twice", { ...whole, objects: [whole.objects[0]!, whole.objects[0]!] }, /an object twice/],
    ["a row count below zero", { ...whole, row_count: -1 }, /row_count/],
    ["more NULLs than rows", withStats("zip", { null_count: 11 }), /11 NULLs in 10 rows/],
    ["NULLs below zero", withStats("zip", { null_count: -1 }), /null_count/],
    ["a bound of another type", withStats("zip", { min: 501 }), /not a VARCHAR/],
    ["an integer bound that is none", withStats("id", { max: "many" }), /not a BIGINT/],
    ["bounds the wrong way round", withStats("rate", { min: 3 }), /min above their max/],
    ["an update before its creation", { ...whole, updated_at: "2020-01-01T00:00:00.000Z" }, /updated before/],
    ["a time that none comes after", { ...whole, updated_at: "9999-12-31T23:59:59.999Z" }, /out of range/],
    ["a time without a date", { ...whole, updated_at: new Date(-1).toISOString() }, /before it was created/],
  ])("is damaged where it has %s", (_what, manifest, reason) => {
    expect(damageOf(manifest)).toMatch(reason);
  });

  it("names the objects that it lists also where it is damaged, so that they can be kept", () => {
    const keys = whole.objects.map(({ key }) => key);
    expect(read({ ...whole, name: "others", dataset_id: datasetId("others") })).toMatchObject({ keys });
  });

  it("gives a short reason, whatever it says", () => {
    expect(damageOf(withObject({ key: `/${"x".repeat(100_000)}` })).length).toBeLessThanOrEqual(300);
    expect(damageOf({ ...whole, name: "x".repeat(100_000) }).length).toBeLessThanOrEqual(300);
  });
});

describe("mutated files", () => {
  const hostileTexts = fc.constantFrom(
    ..."|.|..|/|datasets/|_vectors/v.lhv1|datasets/../x|workers|Workers|\0|'; DROP|VARCHAR[]|MAP(|id|ID|\u{10ffff}".split(
      "|",
    ),
  );
  const hostileNumbers = fc.constantFrom(-1, 0, 1, 17, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 2 ** 62, -(2 ** 63));
  const hostileTimes = fc
    .constantFrom(0, -1, 253_402_300_799_999, 8.64e15, -8.64e15)
    .map((ms) => new Date(ms).toISOString());
  const hostileBounds = fc.oneof(hostileTexts, hostileNumbers, fc.boolean(), fc.constant(null));
  const columnStats = fc.record({ min: hostileBounds, max: hostileBounds, null_count: hostileNumbers });
  const part = <T>(whole: T, hostile: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 6, arbitrary: fc.constant(whole) }, hostile);
  const object = fc.record(
    {
      key: part("datasets/workers/f/1.parquet", hostileTexts),
      size: part(1, hostileNumbers),
      row_count: part(10, hostileNumbers),
      stats: fc.dictionary(part("id", hostileTexts), columnStats, { maxKeys: 2 }),
    },
    { requiredKeys: ["key", "size", "row_count"], noNullPrototype: true },
  );
  const column = fc.record({ name: part("id", hostileTexts), type: part("BIGINT", hostileTexts) });
  const manifests: fc.Arbitrary<Manifest> = fc.record({
    dataset_id: part(whole.dataset_id, hostileTexts),
    name: part("workers", hostileTexts),
    schema_fingerprint: part("v1", hostileTexts),
    columns: part(whole.columns, fc.array(column, { maxLength: 3 })),
    objects: fc.array(object, { maxLength: 3 }),
    row_count: part(10, hostileNumbers),
    created_at: part(whole.created_at, hostileTimes),
    updated_at: part(whole.updated_at, hostileTimes),
  });

  it("are damaged, or hold all that is asked of a manifest, told in the plainest words", () => {
    let served = 0;
    fc.assert(
      fc.property(manifests, (manifest) => {
        const outcome = read(manifest);
        if ("damage" in outcome) return;
        served += 1;
        expect(outcome.manifest).toEqual(manifest);
        assertHarmless(outcome.manifest);
      }),
      { numRuns: 1_500 },
    );
    expect(served).toBeGreaterThan(15);
  });

  it("byte for byte, of every kind: refused, or what was written", () => {
    const bytes = encodeManifest(whole);
    const change = fc.record({ at: fc.nat(bytes.length - 1), to: fc.nat(255) });
    const cut = fc.record({ from: fc.nat(bytes.length), to: fc.nat(bytes.length) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), fc.option(cut, { freq: 4 }), (changes, hole) => {
        const copy = bytes.slice();
        for (const { at, to } of changes) copy[at] = to;
        const mutant = hole ? Buffer.concat([copy.subarray(0, hole.from), copy.subarray(hole.to)]) : copy;
        const outcome = readManifest(mutant, "workers");
        if ("manifest" in outcome) expect(outcome.manifest).toEqual(whole);
      }),
      { numRuns: 2_000 },
    );
  });
});

function assertHarmless(manifest: Manifest): void {
  manifestSchema.parse(manifest);
  expect(manifest).toMatchObject({ name: "workers", dataset_id: whole.dataset_id });
  const names = manifest.columns.map(({ name }) => name.toLowerCase());
  expect(new Set(names).size).toBe(names.length);
  for (const { name, type } of manifest.columns) {
    expect(name).not.toMatch(/\0/);
    expect(type).toMatch(/^(BIGINT|VARCHAR|DOUBLE)(\[\])?$/);
  }
  for (const { key, row_count, stats: ofColumns = {} } of manifest.objects) {
    expect(key).not.toMatch(/^_vectors|^\/|\.\.|\0/);
    for (const { null_count } of Object.values(ofColumns)) expect(null_count).toBeLessThanOrEqual(row_count);
  }
  expect(manifest.updated_at < "9999" && manifest.created_at <= manifest.updated_at).toBe(true);
}
