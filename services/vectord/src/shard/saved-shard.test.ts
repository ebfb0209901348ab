import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@lakehouse/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { add, all, index, openShard, search, useEngine } from "../../test/shard-harness.ts";
import { copyBytes, encodeDelete, encodeTexts } from "../formats/batch.ts";
import { engineNames } from "./engines.ts";
import { shardFiles } from "./shard.ts";
import { newChunk } from "./vector-store.ts";

describe.each(engineNames)("a shard on %s that is saved and adopted", (name) => {
  beforeAll(() => useEngine(name));

  const items = Array.from({ length: 300 }, (_, i) => ({
    id: `${i}`,
    vector: [i + 1, (i * 7) % 13, 1, 2],
    metadata: { i },
  }));

  async function saved(folder: string) {
    const shard = openShard("cosine");
    add(shard, items);
    index(shard);
    shard.apply(encodeDelete(["5", "6"]), all);
    add(shard, [{ id: "late", vector: [9, 9, 9, 9] }]);
    const saving = shard.save(folder);
    // While it is being saved, whatever happens must not show.
    shard.apply(encodeDelete(["7"]), all);
    add(shard, [{ id: "later", vector: [8, 8, 8, 8] }]);
    const { count, graphSize: size, labels, engine: written } = await saving;
    const list = async (file: string) => JSON.parse(`[${await readFile(join(folder, file), "utf8")}]`);
    const metadata = (await list(shardFiles.metadata)).map((one: object) => JSON.stringify(one));
    const chunk = newChunk(4);
    const vectors = await readFile(join(folder, shardFiles.vectors));
    new Uint8Array(chunk.buffer).set(vectors);
    expect(vectors.length).toBe(count * 16);
    const rows = { chunks: [chunk], texts: encodeTexts(await list(shardFiles.ids), metadata) };
    const pieces = [copyBytes(await readFile(join(folder, shardFiles.graph)))];
    return { rows, graph: { pieces, size, labels, engine: written } };
  }

  it("has the rows of that moment, and its graph", async () => {
    await using folder = await temporaryFolder();
    const { rows, graph } = await saved(folder.path);
    const shard = openShard("cosine");
    expect(await shard.adopt(rows, graph)).toBeUndefined();
    expect([shard.count, shard.unindexed, shard.dead]).toEqual([299, 1, 2]);
    index(shard);
    for (const { id, vector, metadata } of items.filter(({ id }) => id !== "5" && id !== "6")) {
      const [first] = search(shard, vector, { k: 3 }).filter((hit) => hit.id === id);
      expect(first).toMatchObject({ metadata });
    }
    expect(search(shard, [9, 9, 9, 9], { k: 1 })[0]!.distance).toBeLessThan(1e-9);
    expect(shard.item("5")).toBeUndefined();
    expect(shard.item("7")).toBeDefined();
  });

  it.each<[string, RegExp, (whole: Uint8Array) => Uint8Array[]]>([
    ["cut in its header", /shorter than its header/, (whole) => [whole.subarray(0, 95)]],
    ["cut in its elements", /shorter than it says/, (whole) => [whole.subarray(0, 5_000)]],
    ["cut by a byte", /shorter than it says/, (whole) => [whole.subarray(0, -1)]],
    ["a byte too long", /longer than it says/, (whole) => [whole, Uint8Array.of(0)]],
    ["of a layer that is not whole", /upper layers/, (whole) => [whole.with(whole.length - 4, 3)]],
    ["empty", /shorter than its header/, () => []],
    ["something else", /The graph's count/, () => [new Uint8Array(60_000).fill(1)]],
  ])("builds its graph anew where what was saved is %s", async (_how, fault, spoil) => {
    await using folder = await temporaryFolder();
    const { rows, graph } = await saved(folder.path);
    const shard = openShard("cosine");
    const pieces = spoil(graph.pieces[0]!).map(copyBytes);
    expect(String(await shard.adopt(rows, { ...graph, pieces }))).toMatch(fault);
    expect(shard.unindexed).toBe(299);
    index(shard);
    expect(search(shard, [9, 9, 9, 9], { k: 1 })[0]!.distance).toBeLessThan(1e-9);
  });

  it("has its graph in whatever pieces that comes, and gives their memory back", async () => {
    await using folder = await temporaryFolder();
    const { rows, graph } = await saved(folder.path);
    const [whole] = graph.pieces;
    const cuts = [0, 96, 97, 10_001, 10_003, whole!.length - 1, whole!.length];
    const pieces = cuts.slice(1).map((end, i) => copyBytes(whole!.subarray(cuts[i], end)));
    const shard = openShard("cosine");
    expect(await shard.adopt(rows, { ...graph, pieces })).toBeUndefined();
    expect(pieces.map(({ length }) => length)).toEqual(pieces.map(() => 0));
    await mkdir(join(folder.path, "again"));
    await shard.save(join(folder.path, "again"));
    expect(copyBytes(await readFile(join(folder.path, "again", shardFiles.graph)))).toEqual(whole);
  });

  it("builds its graph anew where the other engine saved it", async () => {
    await using folder = await temporaryFolder();
    const { rows, graph } = await saved(folder.path);
    await useEngine(name === "native" ? "hnswlib-node" : "native");
    const shard = openShard("cosine");
    await useEngine(name);
    expect(await shard.adopt(rows, graph)).toMatch(`written by the engine "${name}"`);
    expect(shard.unindexed).toBe(299);
    index(shard);
    expect(search(shard, [9, 9, 9, 9], { k: 1 })[0]!.distance).toBeLessThan(1e-9);
  });

  it("refuses a graph of another dimension", async () => {
    await using folder = await temporaryFolder();
    const { graph } = await saved(folder.path);
    const shard = openShard("cosine", 3);
    expect(String(await shard.adopt({ chunks: [], texts: encodeTexts([], []) }, graph))).toMatch(/bytesPerElement/);
  });
});

it.each(engineNames)("rows are saved without a graph where %s can't write that", async (name) => {
  await useEngine(name);
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, shardFiles.graph));
  const shard = openShard("l2");
  add(shard, [{ id: "a", vector: [1, 2, 3, 4] }]);
  index(shard);
  expect(await shard.save(folder.path)).toEqual({
    count: 1,
    graphSize: 0,
    engine: name,
    graphFault: expect.any(String),
    labels: Int32Array.of(-1),
  });
  expect(search(shard, [1, 2, 3, 4], {})).toMatchObject([{ id: "a" }]);
});
