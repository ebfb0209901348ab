import { parentPort } from "node:worker_threads";
import type { ErrorCode } from "@lakehouse/contracts";
import { CsvRefusal } from "../csv/csv-refusal.ts";
import { type ConvertTask, type CsvContents, convertCsv } from "./convert-csv.ts";
import { SpoolSource } from "./spool-source.ts";
import { UploadProgress } from "./upload-progress.ts";

export interface ThreadTask extends ConvertTask {
  csvPath: string;
  /** Shared memory of UploadProgress. */
  progress: SharedArrayBuffer;
}

/** What the thread says of each task; an error that is not the client's ends the thread instead. */
export type ThreadAnswer =
  | { contents: CsvContents }
  | { refusal: { code: ErrorCode; message: string; details: unknown } };

parentPort!.on("message", (task: ThreadTask) => parentPort!.postMessage(convert(task)));

function convert({ csvPath, progress, ...task }: ThreadTask): ThreadAnswer {
  using source = new SpoolSource(csvPath, new UploadProgress(progress));
  try {
    return { contents: convertCsv(source, task) };
  } catch (error) {
    if (!(error instanceof CsvRefusal)) throw error;
    const { code, message, details } = error;
    return { refusal: { code, message, details } };
  }
}
