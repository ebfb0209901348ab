import { isUtf8 } from "node:buffer";
import { DamagedError } from "./damaged-error.ts";

/**
 * Items of one shard as they stand in the log and as they go to the shard's thread: one run of bytes with memory of its own,
 * which changes hands and is never parsed again. Layout in docs/vector-format.md.
 */
export type BatchBytes = Uint8Array<ArrayBuffer>;

const operations = { add: 1, delete: 2 } as const;
type Operation = keyof typeof operations;

const HEAD_WORDS = 4;
const WORD = 4;

/**
 * @param vectors of the items, one after the other
 * @param metadata JSON texts; undefined leaves what the id had
 */
export function encodeAdd(
  ids: readonly string[],
  vectors: Float32Array,
  metadata: readonly (string | undefined)[],
): BatchBytes {
  return encode("add", ids, vectors, metadata);
}

/** Of rows whose vectors are elsewhere. */
export function encodeTexts(ids: readonly string[], metadata: readonly string[]): BatchBytes {
  return encode("add", ids, new Float32Array(0), metadata);
}

export function encodeDelete(ids: readonly string[]): BatchBytes {
  return encode("delete", ids, new Float32Array(0), []);
}

function encode(
  operation: Operation,
  ids: readonly string[],
  vectors: Float32Array,
  metadata: readonly (string | undefined)[],
): BatchBytes {
  const textBytes = byteLength(ids) + byteLength(metadata);
  const tables = HEAD_WORDS + vectors.length + ids.length + metadata.length;
  const size = Math.ceil((tables * WORD + textBytes) / 8) * 8;
  const memory = new ArrayBuffer(size);
  const words = new Uint32Array(memory, 0, tables);
  words.set([operations[operation], ids.length, ids.length === 0 ? 0 : vectors.length / ids.length, textBytes]);
  new Float32Array(memory, HEAD_WORDS * WORD, vectors.length).set(vectors);
  const ends = words.subarray(HEAD_WORDS + vectors.length);
  const text = Buffer.from(memory, tables * WORD, textBytes);
  let at = 0;
  [...ids, ...metadata].forEach((one, index) => {
    if (one !== undefined) at += text.write(one, at);
    ends[index] = at;
  });
  return new Uint8Array(memory);
}

function byteLength(texts: readonly (string | undefined)[]): number {
  return texts.reduce((sum, text) => sum + (text === undefined ? 0 : Buffer.byteLength(text)), 0);
}

/** Reads a batch where it lies. */
export class Batch {
  readonly operation: Operation;
  readonly count: number;
  readonly dimension: number;
  readonly #vectors: Float32Array;
  readonly #ends: Uint32Array;
  readonly #text: Buffer;

  /** @throws DamagedError where the lengths do not add up */
  constructor(bytes: BatchBytes) {
    const { buffer, byteOffset, byteLength: size } = bytes;
    const [operation = 0, count = 0, dimension = 0, textBytes = 0] =
      size < HEAD_WORDS * WORD ? [] : new Uint32Array(buffer, byteOffset, HEAD_WORDS);
    this.operation = operation === operations.delete ? "delete" : "add";
    this.count = count;
    this.dimension = dimension;
    const numbers = count * dimension;
    const ends = operation === operations.add ? 2 * count : count;
    const tables = (HEAD_WORDS + numbers + ends) * WORD;
    if (operations[this.operation] !== operation || Math.ceil((tables + textBytes) / 8) * 8 !== size) {
      throw new DamagedError("A batch is not as long as it says.");
    }
    this.#vectors = new Float32Array(buffer, byteOffset + HEAD_WORDS * WORD, numbers);
    this.#ends = new Uint32Array(buffer, byteOffset + (HEAD_WORDS + numbers) * WORD, ends);
    this.#text = Buffer.from(buffer, byteOffset + tables, textBytes);
  }

  /** True if its texts follow each other to the end, and each has whole characters only. */
  isWhole(): boolean {
    let before = 0;
    for (const end of this.#ends) {
      if (end < before || isContinuation(this.#text[end])) return false;
      before = end;
    }
    return before === this.#text.length && isUtf8(this.#text);
  }

  id(index: number): string {
    return this.#textAt(index);
  }

  /** A view of the batch's own memory. */
  vector(index: number): Float32Array {
    return this.#vectors.subarray(index * this.dimension, (index + 1) * this.dimension);
  }

  /** JSON text; undefined where it was left out. */
  metadata(index: number): string | undefined {
    return this.#textAt(this.count + index) || undefined;
  }

  #textAt(index: number): string {
    return this.#text.toString("utf8", index === 0 ? 0 : this.#ends[index - 1], this.#ends[index]);
  }
}

/** UTF-8: every byte of a character but its first. */
function isContinuation(byte = 0): boolean {
  return (byte & 0xc0) === 0x80;
}

/** Gives memory back now, not when a collector finds it: batches and bodies are large, and the threads that get them allocate little else. */
export function freeBytes({ buffer }: Uint8Array<ArrayBuffer>): void {
  buffer.transfer(0);
}

/** A copy, at an address where its numbers can be read in place. */
export function copyBytes(bytes: Uint8Array): BatchBytes {
  return Uint8Array.from(bytes);
}
