import type { ColumnStats, ColumnType } from "@lakehouse/contracts";
import type { RowBlock } from "../csv/tokenizer.ts";
import type { DataPage } from "../parquet/page.ts";
import { Bounds } from "./bounds.ts";
import { ALL_READ, type ChunkEnd, type Column } from "./column.ts";
import { Validity } from "./validity.ts";

type Values = BigInt64Array | Float64Array | Int32Array | Uint8Array;

/** A column of values of fixed width, little-endian as Parquet's PLAIN encoding wants them: subclasses say how one is read. */
export abstract class NarrowColumn<T extends number | bigint> implements Column {
  abstract readonly type: ColumnType;
  /** Of the rows that are not NULL, without gaps. */
  protected abstract readonly values: Values;
  readonly #validity: Validity;
  #rows = 0;
  #count = 0;
  #nullCount = 0;
  #chunk = new Bounds<T>();
  readonly #file = new Bounds<T>();

  /** @param capacity the most rows that a page has */
  constructor(capacity: number) {
    this.#validity = new Validity(capacity);
  }

  get pageBytes(): number {
    return this.#count * this.values.BYTES_PER_ELEMENT;
  }

  append({ bytes, rows, columns, starts, ends }: RowBlock, column: number): number {
    for (let row = 0, field = column; row < rows; row++, field += columns) {
      const start = starts[field]!;
      const end = ends[field]!;
      if (start === end) this.#validity.setNull(this.#rows++);
      // A negative end is text with doubled quotes, which no narrow type has.
      else if (end > 0 && this.write(this.#count, bytes, start, end)) {
        this.#rows++;
        this.#count++;
      } else return row;
    }
    return ALL_READ;
  }

  takePage(): DataPage {
    const values = this.values.subarray(0, this.#count);
    this.#chunk.addAll(values as unknown as ArrayLike<T>);
    this.#nullCount += this.#validity.nullCount;
    const page = {
      ...this.#validity.take(),
      rows: this.#rows,
      encoding: "PLAIN" as const,
      values: this.encode(values),
    };
    this.#rows = 0;
    this.#count = 0;
    return page;
  }

  endChunk(): ChunkEnd {
    const { min, max } = this.#chunk;
    this.#file.add(this.#chunk);
    this.#chunk = new Bounds();
    if (min === undefined || max === undefined) return { dictionary: undefined, bounds: undefined };
    return { dictionary: undefined, bounds: { ...this.plainBounds(min, max), isExact: true } };
  }

  stats(): ColumnStats {
    const { min, max } = this.#file;
    const toJson = (value: T | undefined) => (value === undefined ? null : this.toJson(value));
    return { min: toJson(min), max: toJson(max), null_count: this.#nullCount };
  }

  /** Reads the text and writes its value at `index`. @returns whether it reads as this type */
  protected abstract write(index: number, bytes: Uint8Array, start: number, end: number): boolean;
  /** For the manifest. */
  protected abstract toJson(value: T): string | number | boolean;

  /** The values of a page in PLAIN encoding. */
  protected encode(values: Values): Uint8Array {
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  }

  protected plainBounds(min: T, max: T): { min: Uint8Array; max: Uint8Array } {
    const pair = this.values.slice(0, 2) as unknown as { [index: number]: T } & Values;
    pair[0] = min;
    pair[1] = max;
    const bytes = new Uint8Array(pair.buffer, pair.byteOffset, pair.byteLength);
    return { min: bytes.subarray(0, pair.BYTES_PER_ELEMENT), max: bytes.subarray(pair.BYTES_PER_ELEMENT) };
  }
}
