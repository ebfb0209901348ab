import type { ParquetFile, RecordBatch } from "parquet-wasm/node";

/** Of an encapsulated message of Arrow's IPC format: a continuation marker and the length of the metadata behind it. */
const PREFIX_BYTES = 8;
/** A marker and a length of 0. */
const END_OF_STREAM = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
const BATCH_ROWS = 8_192;

/**
 * The rows of a Parquet file as one Arrow IPC stream: schema, record batches, end. parquet-wasm gives each batch as a
 * stream of its own, of which the batch's message is taken.
 */
export async function* arrowStream(file: ParquetFile): AsyncGenerator<Buffer, void> {
  yield withoutEnd(Buffer.from(file.schema().intoIPCStream()));
  const batches = (await file.stream({ batchSize: BATCH_ROWS })) as ReadableStream<RecordBatch>;
  for await (const batch of batches) {
    const stream = Buffer.from(batch.intoIPCStream());
    yield withoutEnd(stream.subarray(schemaLength(stream)));
  }
  yield END_OF_STREAM;
}

function withoutEnd(stream: Buffer): Buffer {
  return stream.subarray(0, stream.length - END_OF_STREAM.length);
}

/** The schema's message is all metadata, without a body. */
function schemaLength(stream: Buffer): number {
  return PREFIX_BYTES + stream.readInt32LE(4);
}
