import { z } from "zod";
import { blockSchema, encodeEnvelope } from "./frame.ts";
import { parametersSchema } from "./log-record.ts";

export const INDEX_FILE_MAGIC = "LHV1";

/** Rows of one shard as they lie in the vectors block, and which label of its graph each has; null where the graph lacks it. */
const shardSchema = z.object({ count: z.int().nonnegative(), labels: z.array(z.int().nonnegative().nullable()) });

/** Of `_vectors/<name>.lhv1`. Row i of the vectors block is the vector of `ids[i]`, which has `metadata[i]`. */
export const indexFileSchema = z.object({
  version: z.literal(1),
  name: z.string(),
  index_id: z.uuid(),
  ...parametersSchema.shape,
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  /** Every record of the log up to this one is in here. */
  last_sequence: z.int().nonnegative(),
  count: z.int().nonnegative(),
  ids: z.array(z.string()),
  metadata: z.array(z.custom<object>((value) => typeof value === "object" && value !== null)),
  shards: z.array(shardSchema),
  /** The vectors, then one graph a shard. */
  blocks: z.array(blockSchema).min(1),
});
export type IndexFile = z.infer<typeof indexFileSchema>;
export type Block = z.infer<typeof blockSchema>;

/** All but ids and metadata, which come as JSON texts of the shards, joined by commas. */
export type IndexFileHead = Omit<IndexFile, "version" | "ids" | "metadata">;

export function encodeIndexEnvelope(head: IndexFileHead, ids: string, metadata: string): Buffer {
  const rest = JSON.stringify({ version: 1, ...head });
  return encodeEnvelope(INDEX_FILE_MAGIC, `${rest.slice(0, -1)},"ids":[${ids}],"metadata":[${metadata}]}`);
}
