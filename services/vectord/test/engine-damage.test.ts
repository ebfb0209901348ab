import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { copyBytes } from "../src/formats/batch.ts";
import { DamagedError } from "../src/formats/damaged-error.ts";
import { hnswlibNodeEngine } from "../src/shard/hnswlib-node-index.ts";
import { fill, heldOf, parametersOf, sampleOf, savedBytes } from "./ann-engine-suite.ts";
import { clusteredVectors } from "./random-vectors.ts";

const SIZE = 80;
const parameters = { ...parametersOf("l2", 4), m: 3 };
const { index, vectors } = fill(hnswlibNodeEngine, parameters, SIZE);
index.remove(5);
vectors.delete(5);
const held = heldOf(vectors, parameters, SIZE);
const whole = await savedBytes(index);
const HEADER_BYTES = 96;
const BYTES_PER_ELEMENT = 4 * (1 + 2 * parameters.m + parameters.dimension) + 8;
const UPPER_AT = HEADER_BYTES + SIZE * BYTES_PER_ELEMENT;

function load(bytes: Uint8Array) {
  return hnswlibNodeEngine.load([copyBytes(bytes)], parameters, SIZE, sampleOf(vectors.values()), held);
}

/** The bytes with other ones from `at` on. */
function changedAt(at: number, write: (bytes: DataView, at: number) => void): Uint8Array {
  const bytes = copyBytes(whole);
  write(new DataView(bytes.buffer), at);
  return bytes;
}

/** Where an element lies; its links, then its vector, then its label. */
const element = (number: number) => HEADER_BYTES + number * BYTES_PER_ELEMENT;
const vectorOf = (number: number) => element(number) + 4 * (1 + 2 * parameters.m);
const labelOf = (number: number) => element(number + 1) - 8;
/** The first list of links above layer 0. */
function firstUpperLinks(): number {
  const bytes = new DataView(whole.buffer);
  let at = UPPER_AT;
  while (bytes.getUint32(at, true) === 0) at += 4;
  return at + 4;
}

const word = (value: number) => (bytes: DataView, at: number) => bytes.setUint32(at, value, true);
const long = (value: bigint) => (bytes: DataView, at: number) => bytes.setBigUint64(at, value, true);
const damages: [string, RegExp, Uint8Array][] = [
  ["elements that begin elsewhere", /layer0Offset/, changedAt(0, long(8n))],
  ["a capacity for fewer than it has", /capacity is 79/, changedAt(8, long(79n))],
  ["a capacity for more than memory holds", /capacity is 1152921504606846976/, changedAt(8, long(2n ** 60n))],
  ["a top layer that is too high", /entry point/, changedAt(48, word(40))],
  ["a top layer below zero", /top layer/, changedAt(48, word(0xffff_ffff))],
  ["an entry point outside", /entry point/, changedAt(52, word(SIZE))],
  ["another M", /graph's m is/, changedAt(72, long(2n ** 40n))],
  ["another scale of its levels", /levels are drawn/, changedAt(80, (bytes, at) => bytes.setFloat64(at, 1e9, true))],
  ["a scale that is not a number", /levels are drawn/, changedAt(80, (bytes, at) => bytes.setFloat64(at, NaN, true))],
  ["another ef_construction", /ef_construction/, changedAt(88, long(1n << 50n))],
  ["too many links on layer 0", /element 3 has too many links/, changedAt(element(3), word(7))],
  ["an unknown mark", /element 3 has an unknown mark/, changedAt(element(3), word(0x0200_0001))],
  ["a link to nothing", /element 3 has a link on layer 0/, changedAt(element(3) + 4, word(SIZE))],
  ["a link to itself", /element 3 has a link on layer 0/, changedAt(element(3) + 4, word(3))],
  ["a vector that is infinite", /element 7 is not finite/, changedAt(vectorOf(7), word(0x7f80_0000))],
  [
    "a vector that is not a number",
    /element 7 is not finite/,
    changedAt(vectorOf(8) - BYTES_PER_ELEMENT + 12, word(0xffc0_0000)),
  ],
  ["a label twice", /element 9 has another label/, changedAt(labelOf(9), long(8n))],
  ["a label past 2^32", /element 9 has another label/, changedAt(labelOf(9), long(2n ** 32n + 9n))],
  ["too many links above", /has too many links/, changedAt(firstUpperLinks(), word(4))],
  ["a link above to nothing", /has a link on layer 1/, changedAt(firstUpperLinks() + 4, word(SIZE))],
  ["a layer that is not whole", /upper layers/, changedAt(UPPER_AT, word(3))],
  ["a layer that goes on past the end", /shorter than it says/, changedAt(UPPER_AT, word(0xffff_fff0))],
];

describe("hnswlib-node gets no byte of a graph", () => {
  it.each(damages)("with %s", async (_what, fault, bytes) => {
    await expect(load(bytes)).rejects.toThrow(DamagedError);
    await expect(load(bytes)).rejects.toThrow(fault);
  });

  it("with a link above layer 0 to an element that is not up there", async () => {
    const low = Array.from({ length: SIZE }, (_, i) => i).find((i) => levelOf(i) === 0)!;
    await expect(load(changedAt(firstUpperLinks() + 4, word(low)))).rejects.toThrow(/link on layer 1 to nothing/);
  });
});

it("a graph with any words changed is refused, or searched and added to without harm", async () => {
  const change = fc.record({
    at: fc.oneof(
      fc.nat(HEADER_BYTES / 4 - 1),
      fc.nat(whole.length / 4 - 1),
      fc.integer({ min: UPPER_AT / 4, max: whole.length / 4 - 1 }),
    ),
    value: fc.oneof(fc.nat(SIZE + 2), fc.nat(20), fc.constantFrom(0x10000, 0x7fc0_0000, 0xffff_ffff), fc.nat()),
  });
  const queries = clusteredVectors(2, 3, parameters);
  let loadedAny = 0;
  const property = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
    const bytes = copyBytes(whole);
    for (const { at, value } of changes) new Uint32Array(bytes.buffer)[at] = value;
    const loaded = await load(bytes).catch((error: unknown) => {
      expect(error).toBeInstanceOf(DamagedError);
      return undefined;
    });
    if (!loaded) return;
    loadedAny += 1;
    for (const [i, query] of queries.entries()) {
      for (const label of loaded.search(query, 10, 200).labels) expect(label).toBeLessThan(SIZE + i);
      loaded.add(SIZE + i, query);
    }
    loaded.close();
  });
  await fc.assert(property, { numRuns: 3_000 });
  expect(loadedAny).toBeGreaterThan(100);
});

function levelOf(number: number): number {
  const bytes = new DataView(whole.buffer);
  let at = UPPER_AT;
  for (let i = 0; i < number; i++) at += 4 + bytes.getUint32(at, true);
  return bytes.getUint32(at, true) / (4 * (1 + parameters.m));
}
