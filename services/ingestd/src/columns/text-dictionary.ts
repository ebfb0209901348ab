import type { DictionaryPage } from "../parquet/page.ts";

/** Returned for a text that the dictionary has no room for. */
export const DICTIONARY_FULL = -1;

const LENGTH_BYTES = 4;
const INITIAL_BYTES = 1024;
const INITIAL_ENTRIES = 64;

/** Numbers the distinct texts of a column from 0, in the order in which they come: a hash table with open addressing over their bytes. */
export class TextDictionary {
  readonly #bytesMax: number;
  /** Every entry in PLAIN encoding: its length, then its bytes. */
  #plain = Buffer.allocUnsafe(INITIAL_BYTES);
  #length = 0;
  /** By entry: where it starts in `#plain`, and its hash. */
  #starts = new Int32Array(INITIAL_ENTRIES);
  #hashes = new Int32Array(INITIAL_ENTRIES);
  #entries = 0;
  /** Entry + 1 at the place that its hash leads to, 0 where there is none; twice as many places as entries, a power of two. */
  #table = new Int32Array(INITIAL_ENTRIES * 2);

  /** @param bytesMax of the entries together */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get entries(): number {
    return this.#entries;
  }

  /** @returns the number of the text, which is added where it is new, or DICTIONARY_FULL */
  add(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashOf(bytes, start, end);
    const mask = this.#table.length - 1;
    let place = hash & mask;
    for (let entry = this.#table[place]! - 1; entry !== -1; entry = this.#table[place]! - 1) {
      if (this.#hashes[entry] === hash && this.#equals(entry, bytes, start, end)) return entry;
      place = (place + 1) & mask;
    }
    if (this.#length + LENGTH_BYTES + end - start > this.#bytesMax) return DICTIONARY_FULL;
    this.#append(bytes, start, end, hash);
    this.#table[place] = this.#entries;
    if (this.#entries === this.#starts.length) this.#growTable();
    return this.#entries - 1;
  }

  text(entry: number): Buffer {
    const start = this.#starts[entry]!;
    return this.#plain.subarray(start + LENGTH_BYTES, start + LENGTH_BYTES + this.#plain.readUInt32LE(start));
  }

  toPage(): DictionaryPage {
    return { entries: this.#entries, values: this.#plain.subarray(0, this.#length) };
  }

  #equals(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    const plain = this.#plain;
    let at = this.#starts[entry]!;
    if (plain.readUInt32LE(at) !== end - start) return false;
    at += LENGTH_BYTES;
    for (let from = start; from < end; ) if (plain[at++] !== bytes[from++]) return false;
    return true;
  }

  #append(bytes: Uint8Array, start: number, end: number, hash: number): void {
    const needed = this.#length + LENGTH_BYTES + end - start;
    if (needed > this.#plain.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#plain.length * 2));
      larger.set(this.#plain);
      this.#plain = larger;
    }
    this.#starts[this.#entries] = this.#length;
    this.#hashes[this.#entries] = hash;
    this.#entries += 1;
    this.#plain.writeUInt32LE(end - start, this.#length);
    this.#plain.set(bytes.subarray(start, end), this.#length + LENGTH_BYTES);
    this.#length = needed;
  }

  #growTable(): void {
    this.#starts = grown(this.#starts);
    this.#hashes = grown(this.#hashes);
    this.#table = new Int32Array(this.#table.length * 2);
    const mask = this.#table.length - 1;
    for (let entry = 0; entry < this.#entries; entry++) {
      let place = this.#hashes[entry]! & mask;
      while (this.#table[place] !== 0) place = (place + 1) & mask;
      this.#table[place] = entry + 1;
    }
  }
}

/** FNV-1a, with its high bits mixed into the low ones that pick the place. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let position = start; position < end; position++) hash = Math.imul(hash ^ bytes[position]!, 0x01000193);
  return hash ^ (hash >>> 15);
}

function grown(values: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(values.length * 2);
  larger.set(values);
  return larger;
}
