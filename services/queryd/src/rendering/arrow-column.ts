import assert from "node:assert";
import duckdb, { type Vector } from "@duckdb/node-bindings";
import { type Data, DataType, makeData } from "apache-arrow";
import { GrowingBytes } from "./growing-bytes.ts";
import { release, StringVector } from "./string-vector.ts";
import { bitmap, isValid, Validity } from "./validity.ts";

/** Of a `duckdb_list_entry`: where its items begin and how many they are, 8 bytes each. */
const ENTRY_BYTES = 16;
const ENTRY_WORDS = ENTRY_BYTES / 4;

/** Arrow's offsets are of 32 bits. */
const OFFSET_MAX = 2 ** 31 - 1;

/** Gathers a column's values, vector by vector, in Arrow's layout. */
export abstract class ArrowColumn {
  readonly #type: DataType;
  readonly #validity = new Validity();

  constructor(type: DataType) {
    this.#type = type;
  }

  /** About so many bytes are held. */
  abstract get byteLength(): number;

  append(vector: Vector, length: number): void {
    // The bindings give null where the vector has no NULL, whatever their types say.
    const validity: Uint8Array | null = duckdb.vector_get_validity(vector, Math.ceil(length / 64) * 8);
    this.#validity.append(length, validity ?? undefined);
    this.appendValues(vector, length, validity ?? undefined);
  }

  /** @returns what has been gathered, which is good until more is appended */
  take(): Data {
    // Which properties a type has is known only here and there, to makeData.
    const { nulls, ...validity } = this.#validity.take();
    return makeData({ type: this.#type, ...validity, ...this.takeValues(nulls) } as never);
  }

  protected abstract appendValues(vector: Vector, length: number, validity: Uint8Array | undefined): void;
  /** @param nulls where the NULLs are */
  protected abstract takeValues(nulls: readonly number[]): {
    data?: Uint8Array;
    valueOffsets?: Int32Array;
    child?: Data;
    children?: Data[];
  };
}

export function arrowColumn(type: DataType): ArrowColumn {
  if (DataType.isUtf8(type) || DataType.isBinary(type)) return new TextColumn(type);
  if (DataType.isList(type) || DataType.isMap(type)) return new ListColumn(type);
  if (DataType.isStruct(type)) return new StructColumn(type);
  if (DataType.isBool(type)) return new BooleanColumn(type, 1);
  if (DataType.isFixedSizeBinary(type)) return new UuidColumn(type, type.byteWidth);
  if (DataType.isDecimal(type)) return new FixedColumn(type, type.bitWidth / 8);
  return new FixedColumn(type, type.ArrayType.BYTES_PER_ELEMENT);
}

/** Values that have the same bytes here and there. */
class FixedColumn extends ArrowColumn {
  readonly #width: number;
  readonly #values = new GrowingBytes();

  constructor(type: DataType, width: number) {
    super(type);
    this.#width = width;
  }

  get byteLength(): number {
    return this.#values.length;
  }

  protected appendValues(vector: Vector, length: number): void {
    const size = length * this.#width;
    const bytes = duckdb.vector_get_data(vector, size);
    this.#values.extend(size).set(bytes);
    release(bytes);
  }

  protected takeValues(nulls: readonly number[]) {
    const data = this.#values.take();
    // There the engine has whatever was in its memory.
    for (const index of nulls) data.fill(0, index * this.#width, (index + 1) * this.#width);
    return { data };
  }
}

/** A byte a value becomes a bit a value. */
class BooleanColumn extends FixedColumn {
  protected override takeValues(nulls: readonly number[]) {
    const bytes = super.takeValues(nulls).data;
    const data = bitmap(bytes.length);
    for (let index = 0; index < bytes.length; index++) data[index >> 3]! |= bytes[index]! << (index & 7);
    return { data };
  }
}

/** DuckDB has a UUID as a number, least byte first, with its first bit flipped: so it sorts. */
class UuidColumn extends FixedColumn {
  protected override takeValues(nulls: readonly number[]) {
    const { data } = super.takeValues(nulls);
    for (let start = 0; start < data.length; start += 16) {
      data.subarray(start, start + 16).reverse();
      data[start]! ^= 0x80;
    }
    return { data };
  }
}

class TextColumn extends ArrowColumn {
  readonly #offsets = new Offsets();
  readonly #bytes = new GrowingBytes();

  get byteLength(): number {
    return this.#offsets.byteLength + this.#bytes.length;
  }

  protected appendValues(vector: Vector, length: number, validity: Uint8Array | undefined): void {
    const texts = new StringVector(vector, length, validity);
    const size = this.#offsets.append(length, (row) => texts.lengthAt(row));
    texts.copy(0, length, this.#bytes.extend(size), 0);
    texts.release();
  }

  protected takeValues() {
    return { valueOffsets: this.#offsets.take(), data: this.#bytes.take() };
  }
}

/** A map is a list of structs. */
class ListColumn extends ArrowColumn {
  readonly #offsets = new Offsets();
  readonly #items: ArrowColumn;

  constructor(type: DataType) {
    super(type);
    this.#items = arrowColumn(type.children[0]!.type);
  }

  get byteLength(): number {
    return this.#offsets.byteLength + this.#items.byteLength;
  }

  protected appendValues(vector: Vector, length: number, validity: Uint8Array | undefined): void {
    const entries = wordsOf(duckdb.vector_get_data(vector, length * ENTRY_BYTES));
    let end = 0;
    const count = this.#offsets.append(length, (row) => {
      const size = isValid(validity, row) ? entries[row * ENTRY_WORDS + 2]! : 0;
      // Chunks of a streamed result are copies, in which lists are laid one behind the other.
      assert(size === 0 || entries[row * ENTRY_WORDS] === end, "a list does not follow the one before it");
      end += size;
      return size;
    });
    this.#items.append(duckdb.list_vector_get_child(vector), count);
  }

  protected takeValues() {
    return { valueOffsets: this.#offsets.take(), child: this.#items.take() };
  }
}

/** A union is one, too, whose first field is the member's number. */
class StructColumn extends ArrowColumn {
  readonly #fields: ArrowColumn[];

  constructor(type: DataType) {
    super(type);
    this.#fields = type.children.map((field: { type: DataType }) => arrowColumn(field.type));
  }

  get byteLength(): number {
    return this.#fields.reduce((sum, field) => sum + field.byteLength, 0);
  }

  protected appendValues(vector: Vector, length: number): void {
    for (const [index, field] of this.#fields.entries()) {
      field.append(duckdb.struct_vector_get_child(vector, index), length);
    }
  }

  protected takeValues() {
    return { children: this.#fields.map((field) => field.take()) };
  }
}

/** Where each value ends, which is where the next begins. */
class Offsets {
  readonly #bytes = new GrowingBytes();
  #end = 0;

  get byteLength(): number {
    return this.#bytes.length;
  }

  /** @returns the sum of the lengths */
  append(count: number, lengthAt: (row: number) => number): number {
    const start = this.#end;
    if (this.#bytes.length === 0) this.#bytes.extend(4).fill(0);
    const ends = wordsOf(this.#bytes.extend(count * 4));
    for (let row = 0; row < count; row++) ends[row] = this.#end += lengthAt(row);
    if (this.#end > OFFSET_MAX) throw new RangeError(`Arrow can't hold ${this.#end} bytes or items in one batch.`);
    return this.#end - start;
  }

  take(): Int32Array {
    const { buffer, byteOffset, byteLength } = this.#bytes.take();
    this.#end = 0;
    return new Int32Array(buffer, byteOffset, byteLength / 4);
  }
}

function wordsOf({ buffer, byteOffset, byteLength }: Uint8Array): Uint32Array {
  return new Uint32Array(buffer, byteOffset, byteLength / 4);
}
