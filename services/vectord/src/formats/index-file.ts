import { z } from "zod";
import { DamagedError } from "./damaged-error.ts";
import { blockSchema, decodeEnvelope, encodeEnvelope, HEAD_BYTES } from "./frame.ts";
import { parametersSchema } from "./log-record.ts";

export const INDEX_FILE_MAGIC = "LHV1";

/** So many rows of the vectors block are one shard's; so many vectors are in its graph, under these labels: -1 where a row is not in it. */
const shardSchema = z.object({
  count: z.int().nonnegative(),
  graph_size: z.int().nonnegative(),
  labels: z.array(z.int().min(-1)),
  /** The engine that wrote the graph; files from before there were two do not say so. */
  engine: z.string().default("native"),
});

/** Of `_vectors/<name>.lhv1`. Row i of the vectors block is the vector of `ids[i]`, which has `metadata[i]`. */
const indexFileSchema = z.object({
  version: z.literal(1),
  name: z.string(),
  index_id: z.uuid(),
  ...parametersSchema.shape,
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  /** What every record of the log up to this one did is in here. */
  last_sequence: z.int().nonnegative(),
  count: z.int().nonnegative(),
  ids: z.array(z.string()),
  metadata: z.array(z.custom<object>((value) => typeof value === "object" && value !== null)),
  shards: z.array(shardSchema).min(1),
  /** The vectors, then a graph a shard; one of no bytes where there is none. */
  blocks: z.array(blockSchema).min(2),
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
 * @param bytes of the envelope
 * @param size of the whole object
 * @throws DamagedError
 */
export function decodeIndexEnvelope(bytes: Buffer, size: number): IndexFile {
  const file = decodeEnvelope(indexFileSchema, bytes);
  const { count, dimension, ids, metadata, shards, blocks } = file;
  const rows = shards.reduce((sum, shard) => sum + shard.count, 0);
  const whole = blocks.reduce((sum, block) => sum + block.bytes, HEAD_BYTES + bytes.length);
  if (ids.length !== count || metadata.length !== count || rows !== count) throw new DamagedError("Its counts differ.");
  if (blocks[0]!.bytes !== count * dimension * Float32Array.BYTES_PER_ELEMENT || blocks.length !== 1 + shards.length) {
    throw new DamagedError("Its blocks are not those of its items.");
  }
  if (shards.some((shard) => shard.labels.length !== shard.count))
    throw new DamagedError("Its labels are not those of its rows.");
  if (whole !== size) throw new DamagedError(`It has ${size} bytes instead of ${whole}.`);
  return file;
}
