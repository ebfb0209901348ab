import type { Readable } from "node:stream";
import { DamagedError } from "../formats/damaged-error.ts";

/** Reads a stream by numbers of bytes. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Exactly so many bytes. @throws DamagedError where the stream ends before */
  async read(length: number): Promise<Buffer> {
    const bytes = Buffer.alloc(length);
    await this.fill(bytes);
    return bytes;
  }

  /** The next bytes, as many as the target takes. @throws DamagedError where the stream ends before */
  async fill(target: Uint8Array): Promise<void> {
    for (let at = 0; at < target.length; ) {
      if (this.#rest.length === 0) this.#rest = await this.#next();
      const length = this.#rest.copy(target, at);
      this.#rest = this.#rest.subarray(length);
      at += length;
    }
  }

  async #next(): Promise<Buffer> {
    const { value, done } = await this.#chunks.next();
    if (done) throw new DamagedError("It ends before it should.");
    return value;
  }
}
