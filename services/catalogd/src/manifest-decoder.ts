import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Manifest } from "@lakehouse/contracts";
import { Slots } from "@lakehouse/server";
import { DECODE_HEAP_MB_MAX, DECODE_MS_MAX, DECODE_MS_MIN, DECODER_IDLE_MS_MAX } from "./limits.ts";
import { DamagedManifestError } from "./manifest-store.ts";
import type { DecodeTask } from "./manifest-worker.ts";
import type { ReadManifest } from "./read-manifest.ts";

/**
 * Reads manifests in a thread of its own. A Parquet file of 600 bytes can ask for billions of rows: here it costs bounded time
 * and memory, and never a turn of the event loop that serves everybody else. The thread ends when it has nothing to do.
 */
export class ManifestDecoder {
  readonly #turns = new Slots(1);
  #thread: Promise<Worker> | undefined;
  /** Halved by each file that exceeds it, so that many of them don't keep all others from being read. */
  #deadlineMs = DECODE_MS_MAX;
  #idle: NodeJS.Timeout | undefined;

  /** @throws DamagedManifestError where the bytes are not the manifest of this name */
  decode(bytes: Uint8Array, name: string): Promise<Manifest> {
    return this.#turns.run(async () => {
      const read = await this.#read({ bytes, name });
      if ("manifest" in read) return read.manifest;
      throw new DamagedManifestError(`It can't be read as a manifest: ${read.damage}`, read.keys);
    });
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const thread = this.#thread;
    this.#thread = undefined;
    await (await thread?.catch(() => undefined))?.terminate(); // one that did not start has ended
  }

  async #read(task: DecodeTask): Promise<ReadManifest> {
    clearTimeout(this.#idle);
    this.#thread ??= startThread();
    try {
      const read = await answerOf(await this.#thread, task, this.#deadlineMs);
      if ("hasTrapped" in read && read.hasTrapped) await this.close(); // what it held of the file stays in its memory
      return read;
    } catch (error) {
      await this.close();
      this.#deadlineMs = Math.max(this.#deadlineMs / 2, DECODE_MS_MIN);
      return { damage: error instanceof Error ? error.message : String(error), keys: [], hasTrapped: true };
    } finally {
      this.#idle = setTimeout(() => this.#rest(), DECODER_IDLE_MS_MAX).unref();
    }
  }

  #rest(): void {
    this.#deadlineMs = DECODE_MS_MAX;
    void this.close();
  }
}

async function startThread(): Promise<Worker> {
  const resourceLimits = { maxOldGenerationSizeMb: DECODE_HEAP_MB_MAX };
  const thread = new Worker(new URL("./manifest-worker.ts", import.meta.url), { resourceLimits });
  await once(thread, "message"); // "ready": from here on the time is the file's own
  return thread;
}

/** @throws Error where the thread does not come to an end in time, or ends */
async function answerOf(thread: Worker, task: DecodeTask, deadlineMs: number): Promise<ReadManifest> {
  const overdue = AbortSignal.timeout(deadlineMs);
  thread.ref();
  thread.postMessage(task);
  try {
    const [answer] = (await once(thread, "message", { signal: overdue })) as [ReadManifest];
    return answer;
  } catch (error) {
    if (!overdue.aborted) throw error;
    throw new Error(`it takes longer than ${deadlineMs} ms to read`, { cause: error });
  } finally {
    thread.unref();
  }
}
