import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { temporaryFolder } from "@lakehouse/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openFrame, sealFrame } from "../../test/forgery/frame.ts";
import { Batch, type BatchBytes, encodeAdd, encodeTexts } from "../formats/batch.ts";
import { DamagedError } from "../formats/damaged-error.ts";
import { hnswEngine } from "../shard/hnsw-index.ts";
import { Shard } from "../shard/shard.ts";
import { shardOf } from "../shard/shard-of.ts";
import { type LoadedFile, readIndexFile } from "./read-index-file.ts";
import { prepareIndexFile } from "./write-index-file.ts";

const folder = await temporaryFolder();
afterAll(() => folder.remove());

const parameters = { dimension: 3, distance: "l2", m: 4, ef_construction: 20, ef_search: 20 } as const;
const createdAt = new Date("2025-11-21T04:00:00.000Z");
const state = {
  name: "workers",
  id: "0b0b1a52-7a9c-4e5c-9f63-0f2b8b0f8c11",
  parameters,
  createdAt,
  updatedAt: createdAt,
  count: 0,
};
const ids = ["a", "b", 'c"', "e", "f", "g", "ü"];
const batch = encodeAdd(
  ids,
  Float32Array.from(ids.flatMap((_, i) => [i, 0.1, -i])),
  ids.map((_, i) => (i === 0 ? undefined : JSON.stringify({ i, text: 'über, "quoted"' }))),
);

async function write(shards: number, batch: BatchBytes): Promise<Buffer> {
  const saved = Array.from({ length: shards }, async (_, number) => {
    const shard = new Shard(parameters, hnswEngine);
    shard.apply(batch, (id) => shardOf(id, shards) === number);
    while (shard.advance());
    const path = await mkdtemp(join(folder.path, "saved-"));
    return { ...(await shard.save(path)), folder: path };
  });
  const { size, open } = await prepareIndexFile({ state, sequence: 42, shards: await Promise.all(saved) });
  const bytes = await buffer(open());
  expect(bytes.length).toBe(size);
  return bytes;
}

/** In small pieces, as a network gives them. */
function read(bytes: Buffer, shards: number, name = "workers"): Promise<LoadedFile> {
  const pieces = Array.from({ length: Math.ceil(bytes.length / 100) }, (_, i) =>
    bytes.subarray(i * 100, (i + 1) * 100),
  );
  return readIndexFile(Readable.from(pieces), { name, size: bytes.length, shards });
}

function rowsEnd(bytes: Buffer): number {
  const { envelope } = openFrame(bytes);
  return 8 + bytes.readUInt32BE(4) + envelope.blocks[0].bytes;
}

/** Every item of every shard, and where each is. */
function itemsOf({ shards }: LoadedFile) {
  return shards.flatMap(({ rows }, shard) => {
    const texts = new Batch(rows.texts);
    return Array.from({ length: texts.count }, (_, row) => ({
      shard,
      id: texts.id(row),
      vector: [...rows.chunks[0]!.subarray(row * 3, row * 3 + 3)],
      metadata: JSON.parse(texts.metadata(row)!),
    }));
  });
}

describe("an index file", () => {
  let bytes: Buffer;
  let items: ReturnType<typeof itemsOf>;

  beforeAll(async () => {
    bytes = await write(2, batch);
    items = itemsOf(await read(bytes, 2));
  });

  it("has every item with its vector and metadata, in the shard that it belongs to", () => {
    expect(items.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(
      ids.map((id) => ({
        id,
        shard: shardOf(id, 2),
        vector: [ids.indexOf(id), 0.1, -ids.indexOf(id)].map(Math.fround),
        metadata: id === "a" ? {} : { i: ids.indexOf(id), text: 'über, "quoted"' },
      })),
    );
  });

  it("says what the index is, how far into the log it reaches, and brings its graphs", async () => {
    const file = await read(bytes, 2);
    expect(file).toMatchObject({ state: { ...state, count: 7 }, sequence: 42, graphFault: undefined });
    for (const { rows, graph } of file.shards) {
      const shard = new Shard(parameters, hnswEngine);
      expect(await shard.adopt(rows, graph)).toBeUndefined();
      expect(shard.unindexed).toBe(0);
    }
  });

  it.each([1, 3])("is dealt out anew to %i shards, whose graphs are built anew", async (shards) => {
    const file = await read(bytes, shards);
    expect(file.graphFault).toMatch(/2 shards/);
    const dealt = itemsOf(file);
    expect(dealt.map(({ id }) => id).sort()).toEqual(ids);
    for (const { id, shard } of dealt) expect(shard).toBe(shardOf(id, shards));
  });

  it("of an empty index reads back", async () => {
    const file = await read(await write(1, encodeTexts([], [])), 1);
    expect([itemsOf(file), file.shards[0]!.graph]).toEqual([[], undefined]);
  });

  it("of another index is damaged", async () => {
    await expect(read(bytes, 2, "others")).rejects.toThrow(DamagedError);
  });

  it("cut anywhere before its graphs, or with a byte too many, is damaged", async () => {
    for (let length = 0; length < rowsEnd(bytes); length++) {
      await expect(read(bytes.subarray(0, length), 2)).rejects.toThrow(DamagedError);
    }
    await expect(read(Buffer.concat([bytes, Buffer.alloc(1)]), 2)).rejects.toThrow(DamagedError);
  });

  it("cut inside its graphs has all its rows, and the graphs before the cut", async () => {
    const whole = await read(bytes, 2);
    const graphBytes = whole.shards.map(({ graph }) => graph!.pieces[0]!.length);
    for (let length = rowsEnd(bytes); length < bytes.length; length++) {
      const file = await read(bytes.subarray(0, length), 2);
      expect(file.graphFault).toMatch(/cut off inside the graph of shard/);
      expect(itemsOf(file)).toEqual(items);
      const isFirstWhole = length >= rowsEnd(bytes) + graphBytes[0]!;
      expect(file.shards.map(({ graph }) => graph !== undefined)).toEqual([isFirstWhole, false]);
    }
  });

  it("whose rows are not in the shards of their ids is dealt out anew", async () => {
    const frame = openFrame(bytes);
    frame.envelope.ids.reverse();
    frame.envelope.metadata.reverse();
    const file = await read(sealFrame(frame), 2);
    expect(file.graphFault).toMatch(/shards of their ids/);
    for (const { id, shard } of itemsOf(file)) expect(shard).toBe(shardOf(id, 2));
  });

  it("with any bit flipped is damaged, or does without the graph that has it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (at, bit) => {
        const flipped = Buffer.from(bytes);
        flipped[at]! ^= 1 << bit;
        const outcome = await read(flipped, 2).catch((error: unknown) => error);
        if (outcome instanceof DamagedError) return;
        const file = outcome as LoadedFile;
        expect(file.graphFault).toMatch(/checksum/);
        expect(itemsOf(file)).toEqual(items);
      }),
      { numRuns: 500 },
    );
  });
});
