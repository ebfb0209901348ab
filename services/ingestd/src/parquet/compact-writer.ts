/** Types of the Thrift compact protocol, as they stand in the head of a field or list. */
const wireTypes = { true: 1, false: 2, i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;

const INITIAL_BYTES = 256;
const FIELD_DELTA_MAX = 15;
const SHORT_LIST_MAX = 14;

/**
 * Writes Thrift structs in the compact protocol, which Parquet's page headers and footer are in.
 * https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 * Fields of a struct are written in the order of their ids.
 */
export class CompactWriter {
  #buffer = Buffer.allocUnsafe(INITIAL_BYTES);
  #length = 0;
  /** Id of the last field of the struct that is being written. */
  #lastField = 0;

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  i32(id: number, value: number): void {
    this.#field(id, wireTypes.i32);
    this.#zigzag(value);
  }

  /** @param value an integer that a double holds exactly */
  i64(id: number, value: number): void {
    this.#field(id, wireTypes.i64);
    this.#zigzag(value);
  }

  boolean(id: number, value: boolean): void {
    this.#field(id, value ? wireTypes.true : wireTypes.false);
  }

  binary(id: number, value: Uint8Array | string): void {
    this.#field(id, wireTypes.binary);
    this.#bytesOf(value);
  }

  struct(id: number, write: () => void): void {
    this.#field(id, wireTypes.struct);
    this.root(write);
  }

  structs<T>(id: number, values: readonly T[], write: (value: T) => void): void {
    this.#list(id, wireTypes.struct, values.length);
    for (const value of values) this.root(() => write(value));
  }

  i32s(id: number, values: readonly number[]): void {
    this.#list(id, wireTypes.i32, values.length);
    for (const value of values) this.#zigzag(value);
  }

  strings(id: number, values: readonly string[]): void {
    this.#list(id, wireTypes.binary, values.length);
    for (const value of values) this.#bytesOf(value);
  }

  /** A struct that stands by itself. */
  root(write: () => void): void {
    const lastField = this.#lastField;
    this.#lastField = 0;
    write();
    this.#byte(0);
    this.#lastField = lastField;
  }

  #list(id: number, elementType: number, length: number): void {
    this.#field(id, wireTypes.list);
    if (length <= SHORT_LIST_MAX) {
      this.#byte((length << 4) | elementType);
      return;
    }
    this.#byte(0xf0 | elementType);
    this.#varint(length);
  }

  #field(id: number, type: number): void {
    const delta = id - this.#lastField;
    this.#lastField = id;
    if (delta >= 1 && delta <= FIELD_DELTA_MAX) {
      this.#byte((delta << 4) | type);
      return;
    }
    this.#byte(type);
    this.#zigzag(id);
  }

  #bytesOf(value: Uint8Array | string): void {
    const bytes = typeof value === "string" ? Buffer.from(value) : value;
    this.#varint(bytes.length);
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Nothing here is near 2^52, so that arithmetic stands in for shifts, which end at 32 bits. */
  #zigzag(value: number): void {
    this.#varint(value < 0 ? -value * 2 - 1 : value * 2);
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.#byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.#byte(rest);
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#length + bytes, this.#buffer.length * 2));
    larger.set(this.bytes);
    this.#buffer = larger;
  }
}
