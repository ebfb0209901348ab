import duckdb, { type Vector } from "@duckdb/node-bindings";
import { isValid } from "./validity.ts";

/** Of a `duckdb_string_t`: 4 bytes of length, then up to 12 bytes of text, or 4 of prefix and a pointer. */
const STRING_BYTES = 16;
const STRING_WORDS = STRING_BYTES / 4;
const INLINE_BYTES_MAX = 12;
const INLINE_OFFSET = 4;
const POINTER_OFFSET = 8;

/** Texts are copied out of the engine's memory in runs of about this size: a vector has 2048 of them, each perhaps of megabytes. */
const RUN_BYTES = 2 ** 20;

/**
 * The texts or blobs of a vector, to be copied out.
 *
 * A long text lies in the chunk's string heap behind the long one before it, nearly always, so a run of them is taken at
 * once: a call for each of 500,000 rows took a quarter of the time of the whole query.
 */
export class StringVector {
  readonly length: number;
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #validity: Uint8Array | undefined;

  constructor(vector: Vector, length: number, validity?: Uint8Array) {
    this.length = length;
    this.#bytes = duckdb.vector_get_data(vector, length * STRING_BYTES);
    this.#words = new Uint32Array(this.#bytes.buffer, this.#bytes.byteOffset, length * STRING_WORDS);
    this.#validity = validity;
  }

  /** In bytes; 0 for NULL. */
  lengthAt(row: number): number {
    return isValid(this.#validity, row) ? this.#words[row * STRING_WORDS]! : 0;
  }

  /** Writes the texts from row `start` to before row `end`, one behind the other, into `target` from byte `at` on. */
  copy(start: number, end: number, target: Uint8Array, at: number): void {
    let run: Uint8Array = new Uint8Array();
    let taken = 0;
    for (let row = start, to = at; row < end; ) {
      const size = this.lengthAt(row);
      if (size <= INLINE_BYTES_MAX) {
        const from = row * STRING_BYTES + INLINE_OFFSET;
        for (let index = 0; index < size; index++) target[to + index] = this.#bytes[from + index]!;
        to += size;
        row += 1;
        continue;
      }
      if (taken === run.length) {
        release(run);
        run = this.#runFrom(row, end);
        taken = 0;
      }
      const from = taken;
      do taken += this.lengthAt(row++);
      while (row < end && taken < run.length && this.lengthAt(row) > INLINE_BYTES_MAX);
      target.set(run.subarray(from, taken), to);
      to += taken - from;
    }
    release(run);
  }

  /** No more is copied from here on. */
  release(): void {
    release(this.#bytes);
  }

  /** The long texts from `row` on that lie in one piece of memory. */
  #runFrom(row: number, end: number): Uint8Array {
    const pointer = this.#pointerAt(row);
    let size = this.lengthAt(row);
    for (let next = row + 1; next < end && size < RUN_BYTES; next++) {
      const more = this.lengthAt(next);
      if (more <= INLINE_BYTES_MAX) continue;
      if (this.#pointerAt(next) !== pointer + size) break;
      size += more;
    }
    const offset = this.#bytes.byteOffset + row * STRING_BYTES + POINTER_OFFSET;
    return duckdb.get_data_from_pointer(this.#bytes.buffer as ArrayBuffer, offset, size);
  }

  /** Exact as a number: addresses have 48 bits. */
  #pointerAt(row: number): number {
    const word = row * STRING_WORDS + POINTER_OFFSET / 4;
    return this.#words[word + 1]! * 2 ** 32 + this.#words[word]!;
  }
}

/** Gives back at once what the bindings have copied: V8 would collect all garbage for it, every 30 MB or so. */
export function release({ buffer }: Uint8Array): void {
  (buffer as ArrayBuffer).transfer(0);
}
