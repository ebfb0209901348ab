import type { ColumnStats } from "@lakehouse/contracts";
import { type Data, makeData, Utf8 } from "apache-arrow";
import type { RowBlock } from "../csv/tokenizer.ts";
import { undoubleQuotes } from "../csv/undouble-quotes.ts";
import { ALL_READ, type Column } from "./column.ts";
import { TextBounds } from "./text-bounds.ts";
import { Validity } from "./validity.ts";

const INITIAL_BYTES = 64 * 1024;

/** Up to this length a loop is faster than a call into the runtime (measured: 24 to 40 bytes). */
const LOOP_BYTES_MAX = 32;

export class TextColumn implements Column {
  readonly type = "VARCHAR";
  readonly #validity: Validity;
  /** Row r is `#text` from `#offsets[r]` to `#offsets[r + 1]`. */
  readonly #offsets: Int32Array;
  #text = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #rows = 0;
  #nulls = 0;
  readonly #bounds = new TextBounds();

  constructor(capacity: number) {
    this.#validity = new Validity(capacity);
    this.#offsets = new Int32Array(capacity + 1);
  }

  get textBytes(): number {
    return this.#offsets[this.#rows]!;
  }

  append({ bytes, rows, columns, starts, ends }: RowBlock, column: number): number {
    let position = this.textBytes;
    for (let row = 0, field = column; row < rows; row++, field += columns) {
      const start = starts[field]!;
      const end = ends[field]!;
      if (start === end) this.#appendNull(position);
      else
        position =
          end < 0 ? this.#appendDoubled(bytes, start, ~end, position) : this.#appendText(bytes, start, end, position);
    }
    return ALL_READ;
  }

  arrowData(): Data {
    const { bitmap, nullCount } = this.#validity;
    const length = this.#rows;
    const valueOffsets = this.#offsets.subarray(0, length + 1);
    const data = this.#text.subarray(0, this.textBytes);
    return makeData({ type: new Utf8(), length, nullCount, nullBitmap: bitmap, valueOffsets, data });
  }

  clear(): void {
    this.#rows = 0;
    this.#validity.reset();
  }

  stats(): ColumnStats {
    return { ...this.#bounds.toJson(), null_count: this.#nulls };
  }

  #appendNull(position: number): void {
    this.#validity.setNull(this.#rows++);
    this.#offsets[this.#rows] = position;
    this.#nulls++;
  }

  #appendText(bytes: Uint8Array, start: number, end: number, position: number): number {
    const length = end - start;
    if (position + length > this.#text.length) this.#grow(position + length);
    const text = this.#text;
    if (length > LOOP_BYTES_MAX) text.set(bytes.subarray(start, end), position);
    else for (let from = start, to = position; from < end; ) text[to++] = bytes[from++]!;
    return this.#endRow(position, position + length);
  }

  #appendDoubled(bytes: Uint8Array, start: number, end: number, position: number): number {
    if (position + end - start > this.#text.length) this.#grow(position + end - start);
    return this.#endRow(position, undoubleQuotes(bytes, start, end, this.#text, position));
  }

  #endRow(start: number, end: number): number {
    this.#bounds.add(this.#text, start, end);
    this.#offsets[++this.#rows] = end;
    return end;
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#text.length * 2));
    larger.set(this.#text);
    this.#text = larger;
  }
}
