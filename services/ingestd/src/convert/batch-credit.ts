import { BATCHES_IN_FLIGHT_MAX } from "../limits.ts";

/** Keeps the scanning thread from running away from the encoding one: counts, in shared memory, the batches that were taken in. */
export class BatchCredit {
  readonly shared: SharedArrayBuffer;
  readonly #taken: Int32Array;
  #given = 0;

  constructor(shared = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.shared = shared;
    this.#taken = new Int32Array(shared);
  }

  /** Blocks this thread while too many batches wait, then counts one more. */
  give(): void {
    for (;;) {
      const taken = Atomics.load(this.#taken, 0);
      if (this.#given - taken < BATCHES_IN_FLIGHT_MAX) break;
      Atomics.wait(this.#taken, 0, taken);
    }
    this.#given++;
  }

  take(): void {
    Atomics.add(this.#taken, 0, 1);
    Atomics.notify(this.#taken, 0);
  }
}
