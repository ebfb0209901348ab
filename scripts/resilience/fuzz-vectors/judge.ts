import type { DistanceName } from "@lakehouse/contracts";
import { encodeDelete, type LoadedIndex, mergeHits } from "@lakehouse/vectord/internals";
import { type Frame, openFrame } from "@lakehouse/vectord/internals/forgery/frame";
import type { Random } from "../random.ts";
import { addOf, apply, indexed } from "./honest-indexes.ts";

const ALL = 1_000;
/** Relative to the lengths of the vectors, since sums are made in another order here. */
const ROUNDING = 1e-6;

interface Item {
  id: string;
  /** Empty where it was not asked for. */
  vector: number[];
  distance: number;
  metadata: string;
}

/**
 * Checks that a loaded index answers right. It has the rows of its file, if no log follows; exact searches are those of a plain list; searches
 * through the graph give its items at their distances. Then once more after changes, since adding follows the links too.
 * @param file given if the index has no log
 * @throws Error if it does not
 */
export async function assertRight(index: LoadedIndex, random: Random, file: Buffer | undefined): Promise<void> {
  const { shards, state } = index;
  const query = Array.from({ length: state.parameters.dimension }, () => Math.fround(2 * random.fraction() - 1));
  const before = await search(index, query, ALL, true, true);
  if (before.length !== state.count) fail(`it says that it has ${state.count} items, and has ${before.length}`);
  assertDistances(before, query, state.parameters.distance);
  if (file !== undefined) assertRows(before, openFrame(file));
  await assertItems(index, before, random);
  await assertSearches(index, before, query, random);
  const ids = ["new-1", "new-2", before[0]?.id ?? "new-3"];
  await apply(shards, (ids) => addOf(ids, state.parameters.dimension, random), ids);
  const gone = before.slice(1, 4).map(({ id }) => id);
  await apply(shards, encodeDelete, gone);
  await indexed(shards);
  const after = await search(index, query, ALL, true);
  await assertSearches(index, after, query, random);
  const wanted = new Set([...before.map(({ id }) => id), ...ids].filter((id) => !gone.includes(id)));
  const found = new Set(after.map(({ id }) => id));
  if (wanted.symmetricDifference(found).size > 0) fail("it has other items than were added and left");
}

/** @param all items, nearest first */
async function assertSearches(
  index: LoadedIndex,
  all: readonly Item[],
  query: readonly number[],
  random: Random,
): Promise<void> {
  const distances = new Map(all.map(({ id, distance }) => [id, distance]));
  if (distances.size !== all.length) fail("an id is there twice");
  for (const k of [1, random.integer(2, 20)]) {
    const exact = await search(index, query, k, true);
    const isSame = exact.every(({ id }, i) => id === all[i]!.id) && exact.length === Math.min(k, all.length);
    if (!isSame) fail("exact searches differ");
    const near = await search(index, query, k, false);
    if (near.length !== exact.length) fail(`it gives ${near.length} of ${k} items, and has ${all.length}`);
    if (new Set(near.map(({ id }) => id)).size !== near.length) fail("an item is there twice");
    const wrong = near.find(({ id, distance }) => distances.get(id) !== distance);
    if (wrong) fail(`${wrong.id} is not at the distance that the graph's search gives`);
  }
}

/** Checks every row of the file. */
function assertRows(items: readonly Item[], { envelope, blocks }: Frame): void {
  const byId = new Map(items.map((item) => [item.id, item]));
  for (const [row, id] of envelope.ids.entries()) {
    const item = byId.get(id);
    if (item === undefined) fail(`${id} of the file is missing`);
    if (item.metadata !== JSON.stringify(envelope.metadata[row])) fail(`${id} has other metadata than in the file`);
    const from = row * 4 * envelope.dimension;
    const isSame = item.vector.every((number, i) => Math.fround(number) === blocks[0]!.readFloatLE(from + 4 * i));
    if (!isSame) fail(`${id} has another vector than in the file`);
  }
}

/** As a plain loop reckons them, in order. */
function assertDistances(items: readonly Item[], query: readonly number[], distance: DistanceName): void {
  let last = Number.NEGATIVE_INFINITY;
  for (const { id, vector, distance: found } of items) {
    const { wanted, scale } = naiveDistance(vector, query, distance);
    if (!(Math.abs(found - wanted) <= ROUNDING * scale)) fail(`${id} is at ${found} instead of ${wanted}`);
    if (!(found >= last)) fail(`${id} is not in its place`);
    last = found;
  }
}

function naiveDistance(
  a: readonly number[],
  b: readonly number[],
  distance: DistanceName,
): { wanted: number; scale: number } {
  const product = (x: readonly number[], y: readonly number[]) => x.reduce((sum, one, i) => sum + one * y[i]!, 0);
  const size = Math.sqrt(product(a, a) * product(b, b));
  if (distance === "cosine") return { wanted: Math.max(0, 1 - product(a, b) / size), scale: 1 };
  if (distance === "ip") return { wanted: 1 - product(a, b), scale: 1 + size };
  const difference = a.map((one, i) => one - b[i]!);
  return { wanted: product(difference, difference), scale: product(a, a) + product(b, b) };
}

/** A few of them, also by their own route. */
async function assertItems({ shards }: LoadedIndex, items: readonly Item[], random: Random): Promise<void> {
  for (const { metadata } of items) {
    const value: unknown = JSON.parse(metadata);
    if (typeof value !== "object" || value === null || Array.isArray(value))
      fail(`its metadata is ${metadata.slice(0, 80)}`);
  }
  if (items.length === 0) return;
  const { id, vector } = random.pick(items);
  const shown = JSON.parse((await shards.item(id)) ?? "null");
  if (shown?.id !== id || String(shown.vector) !== String(vector)) fail(`${id} is another item by its route`);
}

async function search(
  { shards }: LoadedIndex,
  query: readonly number[],
  k: number,
  exact: boolean,
  withVectors = false,
): Promise<Item[]> {
  const parts = await shards.search({
    vector: Float32Array.from(query),
    k,
    ef: 10,
    exact,
    filter: undefined,
    include_vectors: withVectors,
    full_scan_threshold: 0,
  });
  return mergeHits(parts, k).map(({ id, distance, metadata, vector }) => ({
    id,
    distance,
    metadata,
    vector: vector === undefined ? [] : (JSON.parse(vector) as number[]),
  }));
}

function fail(how: string): never {
  throw new Error(`Served wrongly: ${how}.`);
}
