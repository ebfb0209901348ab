import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { DistanceName } from "@lakehouse/contracts";
import {
  type BatchBytes,
  type Entry,
  encodeAdd,
  encodeDelete,
  encodeRecord,
  IndexShards,
  type Parameters,
  prepareIndexFile,
  type ShardThreads,
  shardOf,
} from "@lakehouse/vectord/internals";
import type { Random } from "../random.ts";
import { localThreads } from "./local-threads.ts";
import type { StoredObjects } from "./stored-objects.ts";

export const NAME = "fuzzed";
const INDEX_ID = "0b0b1a52-7a9c-4e5c-9f63-0f2b8b0f8c11";
const FILE_SEQUENCE = 42;
const WRITTEN_AT = new Date("2026-11-21T04:00:00.000Z");

/** An index as vectord writes it. */
export interface HonestIndex extends StoredObjects {
  parameters: Parameters;
  threads: ShardThreads;
}

interface Kind {
  distance: DistanceName;
  dimension: number;
  m: number;
  items: number;
  shards: number;
}

/** Plain floats and bytes; bytes that fill words and that do not; many layers and few; one shard and two. */
const kinds: readonly Kind[] = [
  { distance: "l2", dimension: 3, m: 2, items: 40, shards: 1 },
  { distance: "l2", dimension: 4, m: 8, items: 24, shards: 2 },
  { distance: "ip", dimension: 5, m: 3, items: 30, shards: 1 },
  { distance: "cosine", dimension: 6, m: 2, items: 24, shards: 2 },
  { distance: "cosine", dimension: 128, m: 2, items: 12, shards: 1 },
  { distance: "cosine", dimension: 131, m: 3, items: 10, shards: 1 },
  { distance: "cosine", dimension: 2, m: 4, items: 1, shards: 1 },
];

/** @param folder where shards write on their way to a file */
export async function honestIndexes(random: Random, folder: string): Promise<HonestIndex[]> {
  const indexes: HonestIndex[] = [];
  for (const [number, kind] of kinds.entries()) {
    indexes.push(await honestIndex(kind, random, join(folder, `honest-${number}`)));
  }
  return indexes;
}

async function honestIndex(
  { distance, dimension, m, items, shards: total }: Kind,
  random: Random,
  folder: string,
): Promise<HonestIndex> {
  const parameters: Parameters = { distance, dimension, m, ef_construction: 12, ef_search: 10 };
  const threads = localThreads(total);
  const shards = await IndexShards.open(threads, parameters);
  const ids = Array.from({ length: items }, (_, item) => `${item}`);
  await apply(shards, (ids) => addOf(ids, dimension, random), ids);
  await indexed(shards);
  // Some are dead in the graph, one is not in it yet.
  if (items > 8) await apply(shards, encodeDelete, ids.slice(2, 7));
  if (items > 8) await apply(shards, (ids) => addOf(ids, dimension, random), ["late"]);
  const file = await fileOf(shards, parameters, folder);
  await shards.close();
  return { parameters, threads, file, records: logOf(dimension, parameters, random) };
}

async function fileOf(shards: IndexShards, parameters: Parameters, folder: string): Promise<Buffer> {
  const folders = Array.from({ length: shards.total }, (_, number) => join(folder, String(number)));
  for (const path of folders) await mkdir(path, { recursive: true });
  const saved = await shards.save((number) => folders[number]!);
  const state = { name: NAME, id: INDEX_ID, parameters, createdAt: WRITTEN_AT, updatedAt: WRITTEN_AT, count: 0 };
  const { open } = await prepareIndexFile({
    state,
    sequence: FILE_SEQUENCE,
    shards: saved.map((shard, number) => ({ ...shard, folder: folders[number]! })),
  });
  return buffer(open());
}

/** An index from its beginning, which goes on after the file as well. */
function logOf(dimension: number, parameters: Parameters, random: Random): Map<number, Buffer> {
  const index_id = INDEX_ID;
  const steps: { entry: Entry; batches: BatchBytes[] }[] = [
    { entry: { entry: "create", index_id, parameters }, batches: [] },
    { entry: { entry: "batches", index_id }, batches: [addOf(["l0", "l1", "l2"], dimension, random)] },
    {
      entry: { entry: "batches", index_id },
      batches: [addOf(["l1", "3", "12"], dimension, random), encodeDelete(["l0", "unknown"])],
    },
  ];
  const records = new Map<number, Buffer>();
  for (const [number, { entry, batches }] of steps.entries()) {
    const sequence = FILE_SEQUENCE + number;
    const previous = number === 0 ? 0 : sequence - 1;
    const head = { name: NAME, sequence, previous, written_at: WRITTEN_AT.toISOString() };
    records.set(sequence, Buffer.concat(encodeRecord({ head, entry, batches })));
  }
  return records;
}

export function addOf(ids: readonly string[], dimension: number, random: Random): BatchBytes {
  const vectors = Float32Array.from({ length: ids.length * dimension }, () => 2 * random.fraction() - 1);
  return encodeAdd(
    ids,
    vectors,
    ids.map((id) => JSON.stringify({ id, tags: ["a", { b: null }] })),
  );
}

/** Deals out to the shards, as a request is. */
export async function apply(
  shards: IndexShards,
  batchOf: (ids: readonly string[]) => BatchBytes,
  ids: readonly string[],
): Promise<void> {
  const parts = Array.from({ length: shards.total }, (_, number) =>
    batchOf(ids.filter((id) => shardOf(id, shards.total) === number)),
  );
  await shards.apply([parts]);
}

/** Until all graphs have all items. @throws Error where that does not come */
export async function indexed(shards: IndexShards): Promise<void> {
  for (let turn = 0; turn < 10_000; turn++) {
    if ((await shards.state()).unindexed === 0) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error("The graphs do not catch up.");
}
