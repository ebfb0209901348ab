import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DistanceName } from "@lakehouse/contracts";
import { temporaryFolder } from "@lakehouse/testing";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { GraphBytes } from "../../test/forgery/graph-bytes.ts";
import { copyBytes } from "../formats/batch.ts";
import { forEngine, type Held } from "./ann-index.ts";
import { vectorFault } from "./distance.ts";
import { hnswEngine } from "./hnsw-index.ts";
import { VectorStore } from "./vector-store.ts";

const folder = await temporaryFolder();
afterAll(() => folder.remove());

interface Saved {
  bytes: Buffer;
  size: number;
  load(bytes: Buffer): ReturnType<typeof hnswEngine.load>;
}

/** A graph of those of the vectors that an engine can take. */
async function saved(distance: DistanceName, vectors: readonly Float32Array[]): Promise<Saved> {
  const dimension = vectors[0]!.length;
  const parameters = { distance, dimension, m: 4, ef_construction: 20, ef_search: 20 };
  const store = new VectorStore(dimension, distance);
  for (const [slot, vector] of vectors.entries()) store.set(slot, vector);
  const taken = vectors.flatMap((vector, slot) => (forEngine(vector, distance) ? slot : []));
  const units = taken.map((slot) => forEngine(vectors[slot]!, distance)!);
  const sample = () => Float32Array.from(units.flatMap((unit) => [...unit]));
  const index = hnswEngine.create(parameters, sample);
  for (const [label, unit] of units.entries()) index.add(label, unit);
  const path = join(folder.path, "graph");
  await index.save(path);
  index.close();
  const held: Held = { vectors: store, slots: Int32Array.from(taken) };
  const load = (bytes: Buffer) => hnswEngine.load([copyBytes(bytes)], parameters, units.length, sample, held);
  return { bytes: await readFile(path), size: units.length, load };
}

/** From denormal to near the end of float32, and few values, so that many are alike. */
function vectorsOf(distance: DistanceName, dimension: number): fc.Arbitrary<Float32Array[]> {
  const number = fc.oneof(
    fc.constantFrom(0, -0, 1, -1, 0.5),
    fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-1e18), max: Math.fround(1e18) }),
  );
  const scale = fc.constantFrom(1, 1e-30, 1e-42, 1e17);
  const vector = fc.tuple(fc.array(number, { minLength: dimension, maxLength: dimension }), scale);
  return fc
    .array(
      vector.map(([numbers, scale]) => Float32Array.from(numbers, (one) => one * scale)),
      { minLength: 1, maxLength: 12 },
    )
    .map((all) => all.filter((one) => vectorFault(one, distance) === undefined && forEngine(one, distance)))
    .filter((usable) => usable.length > 0);
}

describe("a graph that was saved", () => {
  const cases = (["cosine", "l2", "ip"] as const).flatMap((distance) =>
    [3, 128, 131].map((dimension) => [distance, dimension] as const),
  );
  it.each(cases)(
    "under %s with %i numbers is taken back, whatever its vectors are like",
    async (distance, dimension) => {
      await fc.assert(
        fc.asyncProperty(vectorsOf(distance, dimension), async (vectors) => {
          const { bytes, load } = await saved(distance, vectors);
          (await load(bytes)).close();
        }),
        { numRuns: 60 },
      );
    },
  );
});

describe("a graph of bytes", async () => {
  const vectors = Array.from({ length: 20 }, (_, row) =>
    Float32Array.from({ length: 130 }, (_, i) => Math.sin(row * 131 + i * i)),
  );
  const whole = await saved("cosine", vectors);

  it.each<[string, (graph: GraphBytes, at: number) => void]>([
    [
      "a byte that is two off",
      ({ bytes }, at) => bytes.writeInt8(bytes.readInt8(at) > 0 ? bytes.readInt8(at) - 2 : bytes.readInt8(at) + 2, at),
    ],
    [
      "bytes that changed places, so that their sum is right",
      ({ bytes }, at) => bytes.subarray(at, at + 130).reverse(),
    ],
    ["another scale", ({ bytes }, at) => bytes.writeFloatLE(bytes.readFloatLE(at + 130) * 1.001, at + 130)],
    ["a scale that is not a number", ({ bytes }, at) => bytes.writeFloatLE(Number.NaN, at + 130)],
    ["another sum", ({ bytes }, at) => bytes.writeInt32LE(bytes.readInt32LE(at + 134) + 1, at + 134)],
    [
      "the code of the next",
      (graph, at) => graph.bytes.copyWithin(at, graph.codeAt(8), graph.codeAt(8) + graph.codeBytes),
    ],
  ])("is refused where a code has %s", async (_what, forge) => {
    const graph = new GraphBytes(Buffer.from(whole.bytes));
    expect(graph.codeBytes).toBe(140);
    forge(graph, graph.codeAt(7));
    await expect(whole.load(graph.bytes)).rejects.toThrow("Node 7 of the graph does not have the vector of its row.");
  });
});
