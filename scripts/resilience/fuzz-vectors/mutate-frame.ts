import { describe, type Frame, sealFrame, sealText } from "@lakehouse/vectord/internals/forgery/frame";
import { GraphBytes } from "@lakehouse/vectord/internals/forgery/graph-bytes";
import type { Random } from "../random.ts";
import { float, jsonValue, word } from "./interesting.ts";
import { mutateGraph } from "./mutate-graph.ts";

export interface Mutant {
  bytes: Buffer;
  /** The mutations, for whoever looks into a finding. */
  how: string[];
}

/** An index file with checksums that are right over what is not. */
export function mutateFile(file: Frame, random: Random): Mutant {
  const graphs = file.blocks.slice(1).flatMap((block) => (block.length > 0 ? new GraphBytes(block) : []));
  const how = times(random, () => {
    const [graph, rows, envelope] = [0.6, 0.15, 1];
    const drawn = random.fraction();
    if (drawn < graph && graphs.length > 0) return mutateGraph(random.pick(graphs), random);
    if (drawn < graph + rows) return mutateRows(file.blocks[0], random);
    return drawn < envelope - 0.05 ? mutateEnvelope(file.envelope, random) : mutateBlocks(file, random);
  });
  return seal(file, random, how);
}

/** A record of the log, likewise. */
export function mutateRecord(record: Frame, random: Random): Mutant {
  const how = times(random, () => {
    const hasBatches = record.blocks.length > 0;
    if (hasBatches && random.chance(0.7)) return mutateBatch(record, random);
    return random.chance(0.9) ? mutateEnvelope(record.envelope, random) : mutateBlocks(record, random);
  });
  return seal(record, random, how);
}

/** One most of the time: two seldom both matter. */
function times(random: Random, mutate: () => string): string[] {
  return Array.from({ length: random.pick([1, 1, 1, 2, 4]) }, mutate);
}

/** @param rows of the vectors; undefined where a mutation before took their block */
function mutateRows(rows: Buffer | undefined, random: Random): string {
  if (rows === undefined || rows.length < 4) return "no rows";
  if (random.chance(0.1)) {
    rows.fill(0, 0, random.integer(1, rows.length));
    return "rows zeroed";
  }
  rows.writeFloatLE(float(random), 4 * random.integer(0, (rows.length >> 2) - 1));
  return "row";
}

function mutateBatch({ blocks }: Frame, random: Random): string {
  const at = random.integer(0, blocks.length - 1);
  const batch = blocks[at]!;
  if (batch.length < 16 || random.chance(0.1)) {
    blocks[at] = random.chance(0.5)
      ? batch.subarray(0, random.integer(0, batch.length))
      : Buffer.concat([batch, random.bytes(8)]);
    return "batch resized";
  }
  const place = random.chance(0.3) ? 4 * random.integer(0, 3) : 4 * random.integer(0, (batch.length >> 2) - 1);
  if (random.chance(0.4)) batch.writeFloatLE(float(random), place);
  else if (random.chance(0.5)) batch.writeUInt32LE(word(random, batch.readUInt32LE(place)), place);
  else batch.writeUInt8(random.integer(0, 255), random.integer(0, batch.length - 1));
  return `batch at ${place}`;
}

function mutateBlocks({ blocks }: Frame, random: Random): string {
  const at = random.integer(0, blocks.length);
  const block = blocks[at] ?? Buffer.alloc(0);
  const draws: Record<string, () => Buffer[]> = {
    shorter: () => [block.subarray(0, random.integer(0, block.length))],
    longer: () => [Buffer.concat([block, random.bytes(random.integer(1, 200))])],
    gone: () => [],
    twice: () => [block, block],
    random: () => [random.bytes(block.length)],
  };
  const how = random.pick(Object.keys(draws));
  blocks.splice(at, 1, ...draws[how]!());
  return `block ${at} ${how}`;
}

/** Somewhere in the JSON, at any depth. */
function mutateEnvelope(envelope: object, random: Random): string {
  let parent = envelope as Record<string, unknown>;
  let path = "";
  for (;;) {
    const keys = Object.keys(parent);
    if (keys.length === 0) return `${path} is empty`;
    const key = random.pick(keys);
    path += `/${key}`;
    const value = parent[key];
    if (typeof value !== "object" || value === null || random.chance(0.25)) {
      return change(parent, key, value, path, random);
    }
    parent = value as Record<string, unknown>;
  }
}

function change(parent: Record<string, unknown>, key: string, value: unknown, path: string, random: Random): string {
  if (Array.isArray(value) && value.length > 1) return changeList(value, path, random);
  if (random.chance(0.1)) delete parent[key];
  else parent[key] = jsonValue(random, value);
  return path;
}

function changeList(list: unknown[], path: string, random: Random): string {
  const [a, b] = [random.integer(0, list.length - 1), random.integer(0, list.length - 1)];
  const draws: Record<string, () => unknown> = {
    swapped: () => ([list[a], list[b]] = [list[b], list[a]]),
    twice: () => (list[a] = list[b]),
    shorter: () => list.splice(a, 1),
    longer: () => list.splice(a, 0, list[b]),
    rotated: () => list.push(list.shift()),
    value: () => (list[a] = jsonValue(random, list[a])),
  };
  const how = random.pick(Object.keys(draws));
  draws[how]!();
  return `${path} ${how}`;
}

function seal(frame: Frame, random: Random, how: string[]): Mutant {
  const drawn = random.fraction();
  if (drawn < 0.06) return { bytes: sealMutatedText(frame, random), how: [...how, "text"] };
  const bytes = sealFrame(frame);
  if (drawn < 0.1) return { bytes: bytes.subarray(0, random.integer(0, bytes.length)), how: [...how, "cut"] };
  if (drawn < 0.11)
    return { bytes: Buffer.concat([bytes, random.bytes(random.integer(1, 20))]), how: [...how, "longer"] };
  if (drawn < 0.12) bytes.writeUInt32BE(word(random, bytes.readUInt32BE(4)), 4);
  return { bytes, how };
}

/** Text that need not be JSON, nor UTF-8, under a seal that is right. */
function sealMutatedText({ magic, envelope, blocks }: Frame, random: Random): Buffer {
  const json = Buffer.from(JSON.stringify({ ...envelope, blocks: blocks.map(describe) }));
  const at = random.integer(1, json.length - 2);
  const behind = random.chance(0.5) ? at : at + 1;
  const inserted = random.chance(0.2) ? Buffer.of(random.integer(0x80, 0xff)) : Buffer.from(random.pick(inserts));
  return sealText(magic, Buffer.concat([json.subarray(0, at), inserted, json.subarray(behind)]), blocks);
}

const inserts = [
  ...['"', "{", "}", "[", "]", ",", "-", "\u0000", "1e999", "\\ud800"],
  "[".repeat(20_000),
  '{"a":'.repeat(2_000),
  '"ids":[],',
];
