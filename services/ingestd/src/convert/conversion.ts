import { once } from "node:events";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { LakehouseError } from "@lakehouse/contracts";
import { spoolError } from "../spool-error.ts";
import { BatchCredit } from "./batch-credit.ts";
import type { TypeWishes } from "./column-plan.ts";
import type { CsvContents } from "./convert-csv.ts";
import type { EncodeTask } from "./encode-worker.ts";
import type { ScanAnswer, ScanTask } from "./scan-worker.ts";
import { UploadProgress } from "./upload-progress.ts";

export interface ConversionTask {
  /** The upload, while it grows: {@link Conversion.progress} must be kept up with it. */
  csvPath: string;
  parquetPath: string;
  /** Code of an ASCII character. */
  delimiter: number;
  wishes: TypeWishes;
}

/**
 * One CSV file on its way to Parquet, behind its upload, in two threads: one scans the bytes into record batches, one encodes
 * those. Both end with the conversion, and with them all of its memory.
 */
export class Conversion implements AsyncDisposable {
  readonly progress = new UploadProgress();
  /** Rejects with LakehouseError for a file that can't be taken, and `spool_full`. */
  readonly contents: Promise<CsvContents>;
  readonly #workers: Worker[];

  constructor(task: ConversionTask) {
    const { csvPath, parquetPath, delimiter, wishes } = task;
    const credit = new BatchCredit().shared;
    const { port1: encoder, port2: scanner } = new MessageChannel();
    const scanTask: ScanTask = { csvPath, delimiter, wishes, progress: this.progress.shared, credit, encoder };
    const encodeTask: EncodeTask = { parquetPath, credit, scanner };
    const scan = startWorker("./scan-worker.ts", scanTask, encoder);
    const encode = startWorker("./encode-worker.ts", encodeTask, scanner);
    this.#workers = [scan, encode];
    this.contents = this.#run(scan, encode);
  }

  /** Stops at once; harmless when all is done. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  async #run(scan: Worker, encode: Worker): Promise<CsvContents> {
    try {
      const [contents] = await Promise.all([scanned(scan), answerOf(encode)]);
      return contents;
    } catch (error) {
      throw spoolError(error);
    } finally {
      await this[Symbol.asyncDispose]();
    }
  }
}

/** These threads make next to no objects; without a bound V8 lets each of their young generations grow to 48 MB. */
const YOUNG_GENERATION_MB_MAX = 4;

function startWorker(file: string, workerData: ScanTask | EncodeTask, port: MessagePort): Worker {
  const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB_MAX };
  return new Worker(new URL(file, import.meta.url), { workerData, transferList: [port], resourceLimits });
}

async function scanned(scan: Worker): Promise<CsvContents> {
  const answer = (await answerOf(scan)) as ScanAnswer;
  if ("contents" in answer) return answer.contents;
  const { code, message, details } = answer.refusal;
  throw new LakehouseError(code, message, { details });
}

/** The one message of a thread; rejects where the thread fails or is stopped before it. */
async function answerOf(worker: Worker): Promise<unknown> {
  const stopped = new AbortController();
  worker.once("exit", () => stopped.abort());
  const [answer] = await once(worker, "message", { signal: stopped.signal });
  return answer;
}
