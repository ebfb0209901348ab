import { indexParametersSchema, timestampSchema } from "@lakehouse/contracts";
import { z } from "zod";
import { type BatchBytes, copyBytes } from "./batch.ts";
import { DamagedError } from "./damaged-error.ts";
import { blockSchema, decodeEnvelope, encodeEnvelope, envelopeLength, HEAD_BYTES, sha256 } from "./frame.ts";
import { SEQUENCE_MAX } from "./limits.ts";

const MAGIC = "LHW1";

/** Parameters of an index. They never change. */
export type Parameters = z.infer<typeof indexParametersSchema>;

/** Sequence of a log record, from 1; 0 stands before the first. */
export const sequenceSchema = z.int().nonnegative().max(SEQUENCE_MAX);

/** A time in an envelope. The pattern alone lets dates pass that no Date can hold. */
export const storedTimeSchema = timestampSchema.refine((text) => !Number.isNaN(Date.parse(text)), "no such date");

const headSchema = z.object({
  version: z.literal(1),
  name: z.string(),
  sequence: sequenceSchema.positive(),
  /** Sequence of the record before it that counts; 0 where there is none. One that no later record names never happened. */
  previous: sequenceSchema,
  written_at: storedTimeSchema,
});

/** The index comes to be; batches of items; the index is gone. */
const entrySchema = z.discriminatedUnion("entry", [
  z.object({ entry: z.literal("create"), index_id: z.uuid(), parameters: indexParametersSchema }),
  z.object({ entry: z.literal("batches"), index_id: z.uuid() }),
  z.object({ entry: z.literal("drop") }),
]);
export type Entry = z.infer<typeof entrySchema>;

const envelopeSchema = z.intersection(headSchema.extend({ blocks: z.array(blockSchema) }), entrySchema);

type RecordHead = Omit<z.infer<typeof headSchema>, "version">;

/** One object of the log: a step in the life of an index. Only a record of batches has batches. */
export interface LogRecord {
  head: RecordHead;
  entry: Entry;
  batches: readonly BatchBytes[];
}

/** The pieces of the object, in order. */
export function encodeRecord({ head, entry, batches }: LogRecord): Uint8Array[] {
  const blocks = batches.map((batch) => ({ bytes: batch.length, sha256: sha256(batch) }));
  return [encodeEnvelope(MAGIC, JSON.stringify({ version: 1, ...head, ...entry, blocks })), ...batches];
}

/** @throws DamagedError where a byte is missing, too many or another than was written */
export function decodeRecord(bytes: Buffer): LogRecord {
  const start = HEAD_BYTES + envelopeLength(MAGIC, bytes, bytes.length);
  const { version: _, blocks, ...envelope } = decodeEnvelope(envelopeSchema, bytes.subarray(HEAD_BYTES, start));
  const { name, sequence, previous, written_at, ...entry } = envelope;
  const size = blocks.reduce((sum, block) => sum + block.bytes, start);
  if (previous >= sequence) throw new DamagedError(`It names ${previous} as the record before it.`);
  if (entry.entry !== "batches" && blocks.length > 0)
    throw new DamagedError(`It has batches and is of ${entry.entry}.`);
  if (size !== bytes.length) throw new DamagedError(`It has ${bytes.length} bytes instead of ${size}.`);
  let at = start;
  const batches = blocks.map((block) => {
    const batch = copyBytes(bytes.subarray(at, at + block.bytes));
    at += block.bytes;
    if (sha256(batch) !== block.sha256) throw new DamagedError("A batch in it does not match its checksum.");
    return batch;
  });
  return { head: { name, sequence, previous, written_at }, entry, batches };
}
