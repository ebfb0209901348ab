import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Manifest } from "@lakehouse/contracts";
import { Slots } from "@lakehouse/server";
import { DECODE_HEAP_MB_MAX, DECODE_MS_MAX, DECODER_IDLE_MS_MAX } from "./limits.ts";
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
      const read = await answerOf(await this.#thread, task);
      if ("hasTrapped" in read && read.hasTrapped) await this.close(); // what it held of the file stays in its memory
      return read;
    } catch (error) {
      await this.close();
      return { damage: error instanceof Error ? error.message : String(error), keys: [], hasTrapped: true };
    } finally {
      this.#idle = setTimeout(() => void this.close(), DECODER_IDLE_MS_MAX).unref();
    }
  }
}

async function startThread(): Promise<Worker> {
  const resourceLimits = { maxOldGenerationSizeMb: DECODE_HEAP_MB_MAX };
  const thread = new Worker(new URL("./manifest-worker.ts", import.meta.url), { resourceLimits });
  await once(thread, "message"); // "ready": from here on the time is the file's own
  return thread;
}

/** @throws Error where the thread does not come to an end in time, or ends */
async function answerOf(thread: Worker, task: DecodeTask): Promise<ReadManifest> {
  const overdue = AbortSignal.timeout(DECODE_MS_MAX);
  thread.ref();
  thread.postMessage(task);
  try {
    const [answer] = (await once(thread, "message", { signal: overdue })) as [ReadManifest];
    return answer;
  } catch (error) {
    if (!overdue.aborted) throw error;
    throw new Error(`it takes longer than ${DECODE_MS_MAX / 1_000} s to read`, { cause: error });
  } finally {
    thread.unref();
  }
}
