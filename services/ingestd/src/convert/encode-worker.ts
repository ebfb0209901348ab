import { on } from "node:events";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { BatchCredit } from "./batch-credit.ts";
import { encodeParquet } from "./encode-parquet.ts";
import type { EncoderMessage } from "./encoder-messages.ts";

export interface EncodeTask {
  parquetPath: string;
  /** Shared memory of BatchCredit. */
  credit: SharedArrayBuffer;
  /** Gives EncoderMessages. */
  scanner: MessagePort;
}

const { parquetPath, credit, scanner } = workerData as EncodeTask;
const batchCredit = new BatchCredit(credit);
await encodeParquet(parquetPath, messagesOf(scanner), () => batchCredit.take());
parentPort!.postMessage("done");
scanner.close();

async function* messagesOf(port: MessagePort): AsyncGenerator<EncoderMessage> {
  for await (const [message] of on(port, "message")) yield message as EncoderMessage;
}
