import { indexParametersSchema, isObject, type Metadata, numbersSchema } from "@lakehouse/contracts";
import { z } from "zod";
import { DamagedError } from "./damaged-error.ts";
import { blockSchema, decodeEnvelope, encodeEnvelope, HEAD_BYTES } from "./frame.ts";
import { idFault } from "./id-fault.ts";
import { sequenceSchema, storedTimeSchema } from "./log-record.ts";

export const INDEX_FILE_MAGIC = "LHV1";

/** One check for a whole list, which can be long: zod would make an object of every issue. */
function isListOf(isOne: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => Array.isArray(value) && value.every(isOne);
}

/** So many rows of the vectors block are one shard's; so many vectors are in its graph, under these labels: -1 where a row is not in it. */
const shardSchema = z.object({
  count: z.int().nonnegative(),
  graph_size: z.int().nonnegative(),
  /** readGraph checks that they are labels: a wrong one costs the graph, not the index. */
  labels: numbersSchema,
  /** The engine that wrote the graph; files from before there were two do not say so. */
  engine: z.string().default("native"),
});

/** Of `_vectors/<name>.lhv1`. Row i of the vectors block is the vector of `ids[i]`, which has `metadata[i]`. */
const indexFileSchema = z.object({
  version: z.literal(1),
  name: z.string(),
  index_id: z.uuid(),
  ...indexParametersSchema.shape,
  created_at: storedTimeSchema,
  updated_at: storedTimeSchema,
  /** What every record of the log up to this one did is in here. */
  last_sequence: sequenceSchema,
  count: z.int().nonnegative(),
  ids: z.custom<string[]>(
    isListOf((value) => typeof value === "string"),
    "expected texts",
  ),
  metadata: z.custom<Metadata[]>(isListOf(isObject), "expected objects"),
  shards: z.array(shardSchema).min(1),
  /** The vectors, then a graph a shard; one of no bytes where there is none. */
  blocks: z.array(blockSchema).min(1),
});
export type IndexFile = z.infer<typeof indexFileSchema>;
export type Block = z.infer<typeof blockSchema>;

/** All but ids and metadata, which come as JSON texts joined by commas. */
export type IndexFileHead = Omit<IndexFile, "version" | "ids" | "metadata">;

export function encodeIndexEnvelope(head: IndexFileHead, ids: string, metadata: string): Buffer {
  const rest = JSON.stringify({ version: 1, ...head });
  return encodeEnvelope(INDEX_FILE_MAGIC, `${rest.slice(0, -1)},"ids":[${ids}],"metadata":[${metadata}]}`);
}

/**
 * Ids, metadata and vectors must be whole. Faults of the graphs are left to `graphsFault`.
 * @param bytes of the envelope
 * @param size of the whole object
 * @throws DamagedError
 */
export function decodeIndexEnvelope(bytes: Buffer, size: number): IndexFile {
  const file = decodeEnvelope(indexFileSchema, bytes);
  const { count, dimension, ids, metadata, blocks } = file;
  if (ids.length !== count || metadata.length !== count) throw new DamagedError("Its counts differ.");
  assertIds(ids);
  const [vectors, ...graphs] = blocks;
  if (vectors!.bytes !== count * dimension * Float32Array.BYTES_PER_ELEMENT) {
    throw new DamagedError("Its vectors are not as many as its items.");
  }
  const rowsEnd = HEAD_BYTES + bytes.length + vectors!.bytes;
  if (size < rowsEnd) throw new DamagedError("It is cut off inside its vectors.");
  const whole = graphs.reduce((sum, block) => sum + block.bytes, rowsEnd);
  if (size > whole) throw new DamagedError(`It has ${size} bytes instead of ${whole}.`);
  return file;
}

/** The reason why no graph of the file can be used; undefined if each has to be looked at. */
export function graphsFault({ count, shards, blocks }: IndexFile): string | undefined {
  const rows = shards.reduce((sum, shard) => sum + shard.count, 0);
  if (rows !== count) return `Its shards have ${rows} rows of ${count}.`;
  if (blocks.length !== 1 + shards.length) return `It has ${blocks.length - 1} graphs of ${shards.length} shards.`;
  return undefined;
}

/** @throws DamagedError. The shard that takes an id notices it if it has it already. */
function assertIds(ids: readonly string[]): void {
  for (let row = 0; row < ids.length; row++) {
    const fault = idFault(ids[row]!);
    if (fault !== undefined) throw new DamagedError(`Its item ${row} can't be served: ${fault}.`);
  }
}
