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
    if (this.#rest.length >= length) return this.#take(length);
    const whole = Buffer.allocUnsafe(length);
    let at = 0;
    for await (const piece of this.pieces(length)) at += piece.copy(whole, at);
    return whole;
  }

  /** So many bytes, in whatever pieces they come. @throws DamagedError where the stream ends before */
  async *pieces(length: number): AsyncGenerator<Buffer, void> {
    for (let left = length; left > 0; ) {
      if (this.#rest.length === 0) this.#rest = await this.#next();
      const piece = this.#take(Math.min(left, this.#rest.length));
      left -= piece.length;
      yield piece;
    }
  }

  #take(length: number): Buffer {
    const piece = this.#rest.subarray(0, length);
    this.#rest = this.#rest.subarray(length);
    return piece;
  }

  async #next(): Promise<Buffer> {
    const { value, done } = await this.#chunks.next();
    if (done) throw new DamagedError("It ends before it should.");
    return value;
  }
}
