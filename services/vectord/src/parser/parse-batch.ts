import { isUtf8 } from "node:buffer";
import {
  addItemsRequestSchema,
  type DistanceName,
  deleteItemsRequestSchema,
  type VectorItem,
} from "@lakehouse/contracts";
import { LakehouseError, parseRequest } from "@lakehouse/core";
import { type BatchBytes, encodeAdd, encodeDelete } from "../formats/batch.ts";
import { idFault } from "../formats/id-fault.ts";
import { vectorFault } from "../shard/distance.ts";
import { shardOf } from "../shard/shard-of.ts";
import { METADATA_DEPTH_MAX } from "./limits.ts";

export interface VectorKind {
  dimension: number;
  distance: DistanceName;
}

/**
 * The body of an add, checked whole.
 * @returns a batch for each of so many shards
 * @throws LakehouseError `invalid_json`, `invalid_request`, `invalid_vector` with `details.position`
 */
export function parseAdd(body: Uint8Array, kind: VectorKind, shards: number): BatchBytes[] {
  const { items } = parseRequest(addItemsRequestSchema, parseJson(body));
  assertIds(items);
  const vectors = items.map(({ vector }, position) => toVector(position, vector, kind));
  const metadata = items.map(metadataText);
  return deal(items, shards).map((positions) =>
    encodeAdd(
      positions.map((position) => items[position]!.id),
      concatenate(positions.map((position) => vectors[position]!)),
      positions.map((position) => metadata[position]),
    ),
  );
}

/** @returns as `parseAdd`. @throws LakehouseError `invalid_json`, `invalid_request` */
export function parseDelete(body: Uint8Array, shards: number): BatchBytes[] {
  const { ids } = parseRequest(deleteItemsRequestSchema, parseJson(body));
  const items = Array.from(new Set(ids), (id) => ({ id }));
  return deal(items, shards).map((positions) => encodeDelete(positions.map((position) => items[position]!.id)));
}

/** Positions of each shard's items. */
function deal(items: readonly { id: string }[], shards: number): number[][] {
  const dealt = Array.from({ length: shards }, () => [] as number[]);
  for (const [position, { id }] of items.entries()) dealt[shardOf(id, shards)]!.push(position);
  return dealt;
}

function concatenate(vectors: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(vectors.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const vector of vectors) {
    whole.set(vector, at);
    at += vector.length;
  }
  return whole;
}

/** @throws LakehouseError `invalid_json` */
function parseJson(body: Uint8Array): unknown {
  if (!isUtf8(body)) throw new LakehouseError("invalid_json", "The body is not UTF-8.");
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
  } catch (error) {
    throw new LakehouseError("invalid_json", `The body is not JSON: ${(error as Error).message}`);
  }
}

function assertIds(items: readonly VectorItem[]): void {
  const seen = new Set<string>();
  items.forEach(({ id }, position) => {
    const fault = idFault(id) ?? (seen.has(id) ? "its id is in the batch twice" : undefined);
    if (fault !== undefined) throw invalidItem(position, fault);
    seen.add(id);
  });
}

function toVector(position: number, numbers: readonly number[], { dimension, distance }: VectorKind): Float32Array {
  if (numbers.length !== dimension) {
    throw invalidItem(position, `its vector has ${numbers.length} numbers; the index takes ${dimension}`);
  }
  const vector = new Float32Array(numbers);
  const fault = vectorFault(vector, distance);
  if (fault === undefined) return vector;
  throw invalidItem(position, fault);
}

function metadataText({ metadata }: VectorItem, position: number): string | undefined {
  if (metadata === undefined) return undefined;
  if (isDeeperThan(METADATA_DEPTH_MAX, metadata)) {
    const path = `items.${position}.metadata`;
    const message = `it is nested more than ${METADATA_DEPTH_MAX} deep`;
    throw new LakehouseError("invalid_request", `${path}: ${message}.`, { details: [{ path, message }] });
  }
  return JSON.stringify(metadata);
}

/** V8 parses any depth, and overflows its stack when it writes the same. */
function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeperThan(levels - 1, inner));
}

function invalidItem(position: number, fault: string): LakehouseError {
  return new LakehouseError("invalid_vector", `items[${position}]: ${fault}.`, { details: { position } });
}
