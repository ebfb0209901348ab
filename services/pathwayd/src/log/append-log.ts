import { constants } from "node:fs";
import { type FileHandle, mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { toLogError } from "./log-errors.ts";

const { O_RDWR, O_APPEND, O_CREAT, O_DSYNC } = constants;

/**
 * A file that only grows, one write at a time. O_DSYNC: a write returns when its bytes are on the disk, as if fdatasync followed it,
 * with one trip to Node's thread pool instead of two (measured: a quarter less time for an append on a fast disk).
 */
export class AppendLog {
  readonly path: string;
  #file: FileHandle;
  #length: number;
  /** What has to succeed before anything else is written. */
  #repair: (() => Promise<void>) | undefined;

  private constructor(path: string, file: FileHandle, length: number) {
    this.path = path;
    this.#file = file;
    this.#length = length;
  }

  /** Makes the file, and its folder, where they are not there. */
  static async open(path: string): Promise<AppendLog> {
    await mkdir(dirname(path), { recursive: true });
    const file = await openToAppend(path);
    await syncFolder(path);
    const { size } = await file.stat();
    return new AppendLog(path, file, size);
  }

  /** Bytes that are durable. */
  get length(): number {
    return this.#length;
  }

  /** Whether the last write, or the mending after it, failed. */
  get isInDoubt(): boolean {
    return this.#repair !== undefined;
  }

  /**
   * All of the bytes, durably, or none of them.
   * @throws LakehouseError `trace_log_full`, `trace_log_unavailable`
   */
  async append(bytes: Uint8Array): Promise<void> {
    try {
      await this.mend();
      this.#repair = () => this.#cutTo(this.#length);
      await writeAll(this.#file, bytes);
      this.#length += bytes.length;
      this.#repair = undefined;
    } catch (error) {
      await this.mend().catch(() => {}); // tried again before the next write, which then tells
      throw toLogError(error);
    }
  }

  /** Cuts off what a failed write has left. Not to be called while something is appended. @throws Error where that fails too */
  async mend(): Promise<void> {
    await this.#repair?.();
    this.#repair = undefined;
  }

  /** Cuts off a torn end. */
  async truncate(length: number): Promise<void> {
    await this.#cutTo(length);
    this.#length = length;
  }

  /** Reads into the buffer from a place on; the file is as long as it says. */
  async read(buffer: Uint8Array, position: number): Promise<number> {
    const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, position);
    return bytesRead;
  }

  /**
   * Puts another file, which is durable itself, into the place of this one. What was in force before is so until the rename, and
   * nothing is written after it unless the rename is durable too.
   */
  async replaceWith(path: string): Promise<void> {
    const file = await openToAppend(path);
    const { size } = await file.stat();
    try {
      await rename(path, this.path);
    } catch (error) {
      await file.close();
      throw error;
    }
    const before = this.#file;
    this.#file = file;
    this.#length = size;
    this.#repair = () => syncFolder(this.path);
    await before.close();
    await this.mend();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #cutTo(length: number): Promise<void> {
    await this.#file.truncate(length);
    await this.#file.sync();
  }
}

function openToAppend(path: string): Promise<FileHandle> {
  return open(path, O_RDWR | O_APPEND | O_CREAT | O_DSYNC, 0o640);
}

/** A disk that is nearly full takes a part of it, and refuses the rest. */
async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, written);
    written += bytesWritten;
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path));
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
