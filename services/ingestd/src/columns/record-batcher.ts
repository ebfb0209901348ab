import type { Column as ColumnSchema, ColumnStats, ColumnType } from "@lakehouse/contracts";
import { type Data, Field, makeData, RecordBatch, Schema, Struct, Table, tableToIPC } from "apache-arrow";
import type { RowBlock } from "../csv/tokenizer.ts";
import { BATCH_FIELDS_MAX, BATCH_TEXT_BYTES, BLOCK_FIELDS_MAX } from "../limits.ts";
import { ALL_READ, type Column } from "./column.ts";
import { createColumn } from "./create-column.ts";
import { EmptyColumn } from "./empty-column.ts";

/** A value that does not read as its column's type. */
export interface Misfit {
  row: number;
  column: number;
}

/** A column of a dataset with a type that ingestd writes. */
export interface TypedColumn extends ColumnSchema {
  type: ColumnType;
}

export interface PlannedColumn extends TypedColumn {
  /** The type stands for a column without any value: the first one that comes does not read as it. */
  isEmpty: boolean;
}

/** Collects rows into record batches of bounded size, and gives each out as an Arrow IPC stream. */
export class RecordBatcher {
  readonly #columns: Column[];
  readonly #names: string[];
  readonly #rowsMax: number;
  #rows = 0;
  #totalRows = 0;
  #schema: Schema | undefined;

  constructor(columns: readonly PlannedColumn[]) {
    // A batch takes one more block after it was last found not full.
    const capacity = Math.ceil((BATCH_FIELDS_MAX + BLOCK_FIELDS_MAX) / columns.length);
    this.#rowsMax = Math.floor(BATCH_FIELDS_MAX / columns.length);
    this.#names = columns.map(({ name }) => name);
    this.#columns = columns.map(({ type, isEmpty }) =>
      isEmpty ? new EmptyColumn(capacity) : createColumn(type, capacity),
    );
  }

  get totalRows(): number {
    return this.#totalRows;
  }

  get isFull(): boolean {
    const textBytes = this.#columns.reduce((sum, column) => sum + column.textBytes, 0);
    return this.#rows >= this.#rowsMax || textBytes >= BATCH_TEXT_BYTES;
  }

  /** @returns the first value, by row, that does not read as its column's type; this batcher is of no use then */
  append(block: RowBlock): Misfit | undefined {
    let misfit: Misfit | undefined;
    for (const [index, column] of this.#columns.entries()) {
      const row = column.append(block, index);
      if (row !== ALL_READ && (misfit === undefined || row < misfit.row)) misfit = { row, column: index };
    }
    this.#rows += block.rows;
    this.#totalRows += block.rows;
    return misfit;
  }

  /** The rows since the last call as an Arrow IPC stream of one record batch, which may be empty. */
  takeIpc(): Uint8Array<ArrayBuffer> {
    const children = this.#columns.map((column) => column.arrowData());
    this.#schema ??= new Schema(children.map((data, index) => this.#field(data, index)));
    const struct = makeData({ type: new Struct(this.#schema.fields), length: this.#rows, nullCount: 0, children });
    const ipc = tableToIPC(new Table(this.#schema, [new RecordBatch(this.#schema, struct)]), "stream");
    for (const column of this.#columns) column.clear();
    this.#rows = 0;
    // tableToIPC allocates what it returns; its type only does not say so.
    return ipc as Uint8Array<ArrayBuffer>;
  }

  /** By column name, over all batches. */
  stats(): Record<string, ColumnStats> {
    return Object.fromEntries(this.#columns.map((column, index) => [this.#names[index]!, column.stats()]));
  }

  /** `PARQUET:field_id` becomes the Parquet field id, which table formats identify a column by. */
  #field(data: Data, index: number): Field {
    return new Field(this.#names[index]!, data.type, true, new Map([["PARQUET:field_id", String(index + 1)]]));
  }
}
