import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { SPOOL_WRITE_BYTES } from "./limits.ts";
import { spoolError } from "./spool-error.ts";

/** Appends an upload to its spool file in large writes, one of them always under way, and hashes it on the way. */
export class SpoolWriter {
  readonly #file: FileHandle;
  readonly #hash = createHash("sha256");
  #pieces: Uint8Array[] = [];
  #pendingBytes = 0;
  #writing: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  /** Called with the bytes that can be read from the file, from its start. */
  onWritten: (bytes: number) => void = () => {};
  #writtenBytes = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @throws LakehouseError `spool_full`, and an error once the writer is closed */
  async append(piece: Uint8Array): Promise<void> {
    if (this.#closed !== undefined) throw new Error("The spool file is closed.");
    this.#hash.update(piece);
    this.#pieces.push(piece);
    this.#pendingBytes += piece.length;
    if (this.#pendingBytes >= SPOOL_WRITE_BYTES) await this.#flush();
  }

  /** Waits until all is written. @returns the SHA-256 of it in hexadecimal, and its size in bytes */
  async finish(): Promise<{ sha256: string; size: number }> {
    await this.#flush();
    await this.#writing;
    return { sha256: this.#hash.digest("hex"), size: this.#writtenBytes };
  }

  /** What was not written yet never will be. */
  close(): Promise<void> {
    this.#closed ??= this.#writing.catch(() => {}).then(() => this.#file.close()); // append or finish has told of a failed write
    return this.#closed;
  }

  /** Starts the next write once the one before is done. */
  async #flush(): Promise<void> {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#pendingBytes = 0;
    await this.#writing;
    this.#writing = this.#write(pieces);
    this.#writing.catch(() => {}); // seen by the next flush, or by finish
  }

  async #write(pieces: Uint8Array[]): Promise<void> {
    try {
      await this.#writeAll(pieces);
    } catch (error) {
      throw spoolError(error);
    }
    this.onWritten(this.#writtenBytes);
  }

  async #writeAll(pieces: Uint8Array[]): Promise<void> {
    if (this.#closed !== undefined || pieces.length === 0) return;
    const { bytesWritten } = await this.#file.writev(pieces);
    this.#writtenBytes += bytesWritten;
    const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (bytesWritten < size) await this.#writeAll([Buffer.concat(pieces).subarray(bytesWritten)]);
  }
}
