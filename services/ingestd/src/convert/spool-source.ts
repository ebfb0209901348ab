import { closeSync, openSync, readSync } from "node:fs";
import type { ByteSource } from "../csv/row-reader.ts";
import type { UploadProgress } from "./upload-progress.ts";

/** Reads a spooled upload while it grows. Reads block: it is for a thread that has nothing else to do. */
export class SpoolSource implements ByteSource, Disposable {
  readonly #file: number;
  readonly #progress: UploadProgress;

  constructor(path: string, progress: UploadProgress) {
    this.#file = openSync(path, "r");
    this.#progress = progress;
  }

  read(into: Uint8Array, offset: number): number {
    const available = this.#progress.waitFor(offset + into.length) - offset;
    const length = Math.max(0, Math.min(into.length, available));
    let read = 0;
    while (read < length) {
      const more = readSync(this.#file, into, read, length - read, offset + read);
      if (more === 0) throw new Error("The spool file is shorter than what was written to it.");
      read += more;
    }
    return length;
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}
