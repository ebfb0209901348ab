import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { LakehouseError } from "@lakehouse/core";
import { spoolError } from "../spool/spool-error.ts";
import type { ConversionThreads } from "./conversion-threads.ts";
import type { ConvertTask, CsvContents } from "./convert-csv.ts";
import type { ThreadAnswer, ThreadTask } from "./convert-worker.ts";
import { UploadProgress } from "./upload-progress.ts";

export interface ConversionTask extends ConvertTask {
  /** The upload, while it grows: {@link Conversion.progress} must be kept up with it. */
  csvPath: string;
}

/** One CSV file on its way to Parquet, behind its upload, in a thread. */
export class Conversion implements AsyncDisposable {
  readonly progress = new UploadProgress();
  /** Rejects with LakehouseError for a file that can't be taken, and `spool_full`. */
  readonly contents: Promise<CsvContents>;
  readonly #threads: ConversionThreads;
  readonly #thread: Worker;
  #hasAnswered: boolean = false;

  constructor(threads: ConversionThreads, task: ConversionTask) {
    this.#threads = threads;
    this.#thread = threads.take();
    this.contents = this.#run({ ...task, progress: this.progress.shared });
  }

  /** Stops at once a conversion that is not done; its thread with it, which may be waiting for bytes that never come. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasAnswered) this.#threads.giveBack(this.#thread);
    else await this.#thread.terminate();
  }

  async #run(task: ThreadTask): Promise<CsvContents> {
    const ended = new AbortController();
    const end = () => ended.abort();
    this.#thread.once("exit", end);
    this.#thread.postMessage(task);
    try {
      const [answer] = (await once(this.#thread, "message", { signal: ended.signal })) as [ThreadAnswer];
      this.#hasAnswered = true;
      if ("contents" in answer) return answer.contents;
      const { code, message, details } = answer.refusal;
      throw LakehouseError.received(code, message, { details });
    } catch (error) {
      throw spoolError(error);
    } finally {
      this.#thread.off("exit", end);
    }
  }
}
