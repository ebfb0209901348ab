import { read } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import type { ByteRange } from "@lakehouse/contracts";

/** Measured: chunks of 64 KiB, the default of streams, take three times as long for an object of 256 MiB. */
const CHUNK_BYTES = 2 ** 20;

/**
 * Streams a range of an open file and closes it in the end. A file that turns out shorter breaks the stream, since its
 * length was promised already.
 */
export class FileBody extends Readable {
  readonly #handle: FileHandle;
  readonly #end: number;
  #position: number;

  constructor(handle: FileHandle, { start, end }: ByteRange) {
    super({ highWaterMark: CHUNK_BYTES });
    this.#handle = handle;
    this.#position = start;
    this.#end = end;
  }

  override _read(): void {
    const length = Math.min(CHUNK_BYTES, this.#end - this.#position + 1);
    if (length <= 0) {
      this.push(null);
      return;
    }
    // Not from Node's shared pool: a chunk is far larger than a slab of it.
    const chunk = Buffer.allocUnsafeSlow(length);
    read(this.#handle.fd, chunk, 0, length, this.#position, (error, bytesRead) => {
      if (error || bytesRead === 0) {
        this.destroy(error ?? new Error("The object's file is shorter than it was when it was opened."));
        return;
      }
      this.#position += bytesRead;
      this.push(chunk.subarray(0, bytesRead));
    });
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#handle.close().then(() => callback(error), callback);
  }
}
