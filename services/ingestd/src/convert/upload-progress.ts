/**
 * How much of an upload is in the spool, shared by the thread that writes it and the one that reads behind it. One cell holds
 * the number of bytes while more may come, and its complement (`~bytes`, negative) once that is all.
 */
export class UploadProgress {
  readonly shared: SharedArrayBuffer;
  readonly #cell: BigInt64Array;

  constructor(shared = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT)) {
    this.shared = shared;
    this.#cell = new BigInt64Array(shared);
  }

  /** @param bytes that can be read so far, from the start of the file */
  advance(bytes: number): void {
    this.#set(BigInt(bytes));
  }

  /** @param bytes of the whole file */
  finish(bytes: number): void {
    this.#set(~BigInt(bytes));
  }

  /** Blocks this thread until so many bytes are there, or all. @returns how many can be read */
  waitFor(bytes: number): number {
    for (;;) {
      const cell = Atomics.load(this.#cell, 0);
      if (cell < 0n) return Number(~cell);
      if (cell >= bytes) return Number(cell);
      Atomics.wait(this.#cell, 0, cell);
    }
  }

  #set(cell: bigint): void {
    Atomics.store(this.#cell, 0, cell);
    Atomics.notify(this.#cell, 0);
  }
}
