import assert from "node:assert";
import { open } from "node:fs/promises";
import {
  Compression,
  EnabledStatistics,
  type RecordBatch,
  Table,
  transformParquetStream,
  type WriterProperties,
  WriterPropertiesBuilder,
} from "parquet-wasm";
import { ROW_GROUP_BYTES_MAX, ROW_GROUP_ROWS_MAX } from "../limits.ts";
import type { EncoderMessage } from "./encoder-messages.ts";

/**
 * Writes the record batches of the messages to a Parquet file, row group by row group, until "end". A "begin" on the way starts
 * the file anew.
 * @param onBatch is told of each batch that was taken in
 */
export async function encodeParquet(
  path: string,
  messages: AsyncIterator<EncoderMessage>,
  onBatch: () => void,
): Promise<void> {
  let message = await next(messages);
  while (message.kind === "begin") {
    const batches = new BatchReader(messages, onBatch);
    await writeFile(path, batches, writerProperties(message.plainColumns));
    message = batches.last;
  }
  assert(message.kind === "end");
}

/** The batches of one file as the stream that parquet-wasm pulls from, up to the message that is not a batch. */
class BatchReader {
  readonly stream: ReadableStream<RecordBatch>;
  readonly #messages: AsyncIterator<EncoderMessage>;
  readonly #onBatch: () => void;
  #last: EncoderMessage | undefined;

  constructor(messages: AsyncIterator<EncoderMessage>, onBatch: () => void) {
    this.#messages = messages;
    this.#onBatch = onBatch;
    this.stream = new ReadableStream({ pull: (controller) => this.#pull(controller) }, { highWaterMark: 0 });
  }

  /** The message that ended the batches. */
  get last(): EncoderMessage {
    assert(this.#last !== undefined);
    return this.#last;
  }

  async #pull(controller: ReadableStreamDefaultController<RecordBatch>): Promise<void> {
    const message = await next(this.#messages);
    if (message.kind === "batch") {
      controller.enqueue(toRecordBatch(message.ipc));
      this.#onBatch();
      return;
    }
    this.#last = message;
    controller.close();
  }
}

async function writeFile(path: string, batches: BatchReader, properties: WriterProperties): Promise<void> {
  await using file = await open(path, "w");
  const bytes: ReadableStream<Uint8Array> = await transformParquetStream(batches.stream, properties);
  for await (const piece of bytes) {
    await file.write(piece);
    free(piece);
  }
}

/** Buffers of this size are given back at once: the collector, which sees only their small handles, would let many pile up. */
function free({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}

function toRecordBatch(ipc: Uint8Array<ArrayBuffer>): RecordBatch {
  const table = Table.fromIPCStream(ipc);
  // It was copied into the memory of parquet-wasm.
  free(ipc);
  const batch = table.recordBatch(0);
  assert(batch !== undefined);
  table.free();
  return batch;
}

function writerProperties(plainColumns: string[]): WriterProperties {
  let builder = new WriterPropertiesBuilder()
    .setCompression(Compression.SNAPPY)
    .setStatisticsEnabled(EnabledStatistics.Chunk)
    .setMaxRowGroupSize(ROW_GROUP_ROWS_MAX)
    .setMaxRowGroupBytes(ROW_GROUP_BYTES_MAX)
    .setCreatedBy("lakehouse ingestd");
  for (const name of plainColumns) builder = builder.setColumnDictionaryEnabled(name, false);
  return builder.build();
}

async function next(messages: AsyncIterator<EncoderMessage>): Promise<EncoderMessage> {
  const { done, value } = await messages.next();
  assert(done !== true, "batches stop only with a message that says so");
  return value;
}
