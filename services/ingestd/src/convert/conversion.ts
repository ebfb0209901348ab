import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { LakehouseError } from "@lakehouse/contracts";
import { spoolError } from "../spool-error.ts";
import type { ConvertTask, CsvContents } from "./convert-csv.ts";
import type { WorkerAnswer, WorkerTask } from "./convert-worker.ts";
import { UploadProgress } from "./upload-progress.ts";

/** The thread makes next to no objects; without a bound V8 lets its young generation grow to 48 MB. */
const YOUNG_GENERATION_MB_MAX = 4;

export interface ConversionTask extends ConvertTask {
  /** The upload, while it grows: {@link Conversion.progress} must be kept up with it. */
  csvPath: string;
}

/** One CSV file on its way to Parquet, behind its upload, in a thread of its own that ends with it, and with the thread its memory. */
export class Conversion implements AsyncDisposable {
  readonly progress = new UploadProgress();
  /** Rejects with LakehouseError for a file that can't be taken, and `spool_full`. */
  readonly contents: Promise<CsvContents>;
  readonly #worker: Worker;

  constructor(task: ConversionTask) {
    const workerData: WorkerTask = { ...task, progress: this.progress.shared };
    const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB_MAX };
    this.#worker = new Worker(new URL("./convert-worker.ts", import.meta.url), { workerData, resourceLimits });
    this.contents = contentsFrom(this.#worker);
  }

  /** Stops at once; harmless when all is done. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}

async function contentsFrom(worker: Worker): Promise<CsvContents> {
  const stopped = new AbortController();
  worker.once("exit", () => stopped.abort());
  try {
    const [answer] = (await once(worker, "message", { signal: stopped.signal })) as [WorkerAnswer];
    if ("contents" in answer) return answer.contents;
    const { code, message, details } = answer.refusal;
    throw new LakehouseError(code, message, { details });
  } catch (error) {
    throw spoolError(error);
  }
}
