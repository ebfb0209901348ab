import type { ColumnStats } from "@lakehouse/contracts";
import type { RowBlock } from "../csv/tokenizer.ts";
import { undoubleQuotes } from "../csv/undouble-quotes.ts";
import type { DataPage } from "../parquet/page.ts";
import { bitWidth, packedValues } from "../parquet/rle-hybrid.ts";
import { ALL_READ, type ChunkEnd, type Column } from "./column.ts";
import { TextBounds } from "./text-bounds.ts";
import { DICTIONARY_FULL, TextDictionary } from "./text-dictionary.ts";
import { Validity } from "./validity.ts";

const LENGTH_BYTES = 4;
const INITIAL_BYTES = 4 * 1024;

/** Up to this length a loop is faster than a call into the runtime (measured: some 45 bytes). */
const LOOP_BYTES_MAX = 40;

/**
 * Text, with a dictionary for each chunk where its values repeat. A dictionary that turns out too large is given up: the chunk
 * goes on without, as Parquet allows, and so does the rest of the file.
 */
export class TextColumn implements Column {
  readonly type = "VARCHAR";
  readonly #validity: Validity;
  #rows = 0;
  #count = 0;
  #nullCount = 0;
  /** The page's values in PLAIN encoding, each its length and its bytes; empty while they are indexed. */
  #plain = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #length = 0;
  /** The page's values as entries of the dictionary. */
  readonly #indices: Int32Array;
  readonly #dictionaryBytesMax: number;
  #dictionary: TextDictionary | undefined;
  /** Whether the page is written with the dictionary; earlier pages of the chunk may have been even if not. */
  #isIndexed: boolean;
  #chunk = new TextBounds();
  readonly #file = new TextBounds();

  /**
   * @param capacity the most rows that a page has
   * @param dictionaryBytesMax 0 for a column that is not worth a dictionary
   */
  constructor(capacity: number, dictionaryBytesMax: number) {
    this.#validity = new Validity(capacity);
    this.#dictionaryBytesMax = dictionaryBytesMax;
    this.#isIndexed = dictionaryBytesMax > 0;
    this.#indices = new Int32Array(this.#isIndexed ? capacity : 0);
  }

  get pageBytes(): number {
    return this.#length;
  }

  append({ bytes, rows, columns, starts, ends }: RowBlock, column: number): number {
    for (let row = 0, field = column; row < rows; row++, field += columns) {
      const start = starts[field]!;
      const end = ends[field]!;
      if (start === end) {
        this.#validity.setNull(this.#rows++);
        continue;
      }
      if (end < 0) this.#addDoubled(bytes, start, ~end);
      else if (this.#isIndexed) this.#addIndexed(bytes, start, end);
      else this.#addPlain(this.#copy(bytes, start, end));
      this.#rows++;
    }
    return ALL_READ;
  }

  takePage(): DataPage {
    this.#nullCount += this.#validity.nullCount;
    const { encoding, values } = this.#encode();
    const page = { ...this.#validity.take(), rows: this.#rows, encoding, values };
    this.#rows = 0;
    this.#count = 0;
    // One page with a long value must not leave each column with a long buffer.
    if (this.#plain.length > Math.max(INITIAL_BYTES, this.#length * 4))
      this.#plain = Buffer.allocUnsafeSlow(INITIAL_BYTES);
    this.#length = 0;
    return page;
  }

  endChunk(): ChunkEnd {
    const dictionary = this.#dictionary;
    this.#dictionary = undefined;
    for (let entry = 0; entry < (dictionary?.entries ?? 0); entry++) {
      const text = dictionary!.text(entry);
      this.#chunk.add(text, 0, text.length);
    }
    const bounds = this.#chunk.toBytes();
    this.#file.merge(this.#chunk);
    this.#chunk = new TextBounds();
    return { dictionary: dictionary?.toPage(), bounds };
  }

  stats(): ColumnStats {
    return { ...this.#file.toJson(), null_count: this.#nullCount };
  }

  #encode(): Pick<DataPage, "encoding" | "values"> {
    if (!this.#isIndexed || this.#count === 0) {
      return { encoding: "PLAIN", values: this.#plain.subarray(0, this.#length) };
    }
    const width = Math.max(1, bitWidth(this.#dictionary!.entries));
    const run = packedValues(this.#indices.subarray(0, this.#count), width);
    return { encoding: "RLE_DICTIONARY", values: Buffer.concat([Uint8Array.of(width), run]) };
  }

  #addDoubled(bytes: Buffer, start: number, end: number): void {
    this.#reserve(LENGTH_BYTES + end - start);
    const from = this.#length + LENGTH_BYTES;
    const valueEnd = undoubleQuotes(bytes, start, end, this.#plain, from);
    // With a dictionary the copy is only looked up: the next one takes its place.
    if (this.#isIndexed) this.#addIndexed(this.#plain, from, valueEnd);
    else this.#addPlain(valueEnd);
  }

  #addIndexed(bytes: Uint8Array, start: number, end: number): void {
    this.#dictionary ??= new TextDictionary(this.#dictionaryBytesMax);
    const entry = this.#dictionary.add(bytes, start, end);
    if (entry === DICTIONARY_FULL) this.#giveUpIndexing(Buffer.from(bytes.subarray(start, end)));
    else this.#indices[this.#count++] = entry;
  }

  /** Spells the page's values out, and after them the one that the dictionary had no room for. */
  #giveUpIndexing(value: Buffer): void {
    this.#isIndexed = false;
    const entries = this.#indices.slice(0, this.#count);
    this.#count = 0;
    for (const entry of entries) {
      const text = this.#dictionary!.text(entry);
      this.#addPlain(this.#copy(text, 0, text.length));
    }
    this.#addPlain(this.#copy(value, 0, value.length));
  }

  /** Takes the value that was copied to the end of the page into it. */
  #addPlain(valueEnd: number): void {
    const start = this.#length;
    writeLength(this.#plain, start, valueEnd - start - LENGTH_BYTES);
    this.#chunk.add(this.#plain, start + LENGTH_BYTES, valueEnd);
    this.#length = valueEnd;
    this.#count++;
  }

  /** Copies a value to the end of the page. @returns where it ends */
  #copy(bytes: Buffer, start: number, end: number): number {
    const length = end - start;
    this.#reserve(LENGTH_BYTES + length);
    const plain = this.#plain;
    const from = this.#length + LENGTH_BYTES;
    if (length > LOOP_BYTES_MAX) bytes.copy(plain, from, start, end);
    else for (let index = 0; index < length; index++) plain[from + index] = bytes[start + index]!;
    return from + length;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#plain.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#plain.length * 2));
    larger.set(this.#plain.subarray(0, this.#length));
    this.#plain = larger;
  }
}

/** Little-endian; written out, since this runs for each value. */
function writeLength(plain: Uint8Array, at: number, length: number): void {
  plain[at] = length;
  plain[at + 1] = length >>> 8;
  plain[at + 2] = length >>> 16;
  plain[at + 3] = length >>> 24;
}
