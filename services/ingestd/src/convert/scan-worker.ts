import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { type ErrorCode, LakehouseError } from "@lakehouse/contracts";
import { BatchCredit } from "./batch-credit.ts";
import type { TypeWishes } from "./column-plan.ts";
import { type BatchSink, type CsvContents, convertCsv } from "./convert-csv.ts";
import type { EncoderMessage } from "./encoder-messages.ts";
import { SpoolSource } from "./spool-source.ts";
import { UploadProgress } from "./upload-progress.ts";

export interface ScanTask {
  csvPath: string;
  /** Code of an ASCII character. */
  delimiter: number;
  wishes: TypeWishes;
  /** Shared memory of UploadProgress and BatchCredit. */
  progress: SharedArrayBuffer;
  credit: SharedArrayBuffer;
  /** Takes EncoderMessages. */
  encoder: MessagePort;
}

/** What the thread says at its end; an error that is not the client's ends the thread instead. */
export type ScanAnswer =
  | { contents: CsvContents }
  | { refusal: { code: ErrorCode; message: string; details: unknown } };

parentPort!.postMessage(scan(workerData as ScanTask));

function scan({ csvPath, delimiter, wishes, progress, credit, encoder }: ScanTask): ScanAnswer {
  const source = new SpoolSource(csvPath, new UploadProgress(progress));
  try {
    return { contents: convertCsv(source, delimiter, wishes, sinkTo(encoder, new BatchCredit(credit))) };
  } catch (error) {
    if (!(error instanceof LakehouseError)) throw error;
    const { code, message, details } = error;
    return { refusal: { code, message, details } };
  } finally {
    source.close();
  }
}

function sinkTo(encoder: MessagePort, credit: BatchCredit): BatchSink {
  const send = (message: EncoderMessage, transfer: ArrayBuffer[] = []) => encoder.postMessage(message, transfer);
  return {
    begin: (plainColumns) => send({ kind: "begin", plainColumns }),
    write: (ipc) => {
      credit.give();
      send({ kind: "batch", ipc }, [ipc.buffer]);
    },
    end: () => send({ kind: "end" }),
  };
}
