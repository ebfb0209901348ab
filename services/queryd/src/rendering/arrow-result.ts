import { type DuckDBDataChunk, DuckDBTypeId } from "@duckdb/node-api";
import duckdb from "@duckdb/node-bindings";
import { Field, makeData, RecordBatch, RecordBatchStreamWriter, Schema, Struct } from "apache-arrow";
import { columnAliases, uniqueNames } from "../engine/result-columns.ts";
import { type ArrowColumn, arrowColumn } from "./arrow-column.ts";
import { type ArrowType, arrowType } from "./arrow-type.ts";
import { resultChunks } from "./result-chunks.ts";
import type { ResultSource } from "./result-source.ts";

/** A batch ends with the chunk that reaches either. */
const BATCH_ROWS = 8_192;
const BATCH_BYTES = 4 * 2 ** 20;

/** Of an IPC stream: a continuation marker and a length of 0. */
const END_OF_STREAM = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);

/** The result as an Arrow IPC stream: schema, record batches, end. */
export async function* arrowResult(source: ResultSource): AsyncGenerator<Buffer, void> {
  const types = source.columns.map(({ type }) => arrowType(type));
  const names = uniqueNames(source.columns.map(({ name }) => name));
  const batch = new Batch(new Schema(types.map(({ arrow }, index) => new Field(names[index]!, arrow, true))));
  yield batch.schemaMessage;
  for await (const chunk of resultChunks(source, castSql(source, types))) {
    batch.append(chunk);
    if (batch.isFull) yield batch.take();
  }
  if (batch.rowCount > 0) yield batch.take();
  yield END_OF_STREAM;
}

/** The statement's values in the types that Arrow has as well. */
function castSql({ sql, columns }: Pick<ResultSource, "sql" | "columns">, types: readonly ArrowType[]): string {
  const aliases = columnAliases(columns);
  const values = aliases.map((alias, index) => {
    const value = `${alias}::${types[index]!.sql}`;
    // Its NULL would be the text 'null'.
    const isVariant = columns[index]!.type.typeId === DuckDBTypeId.VARIANT;
    return `${isVariant ? `CASE WHEN ${alias} IS NOT NULL THEN ${value} END` : value} AS ${alias}`;
  });
  return `SELECT ${values.join(", ")} FROM (${sql}\n) AS t(${aliases.join(", ")})`;
}

/** Gathers chunks, and gives them as record batches. */
class Batch {
  readonly schemaMessage: Buffer;
  readonly #schema: Schema;
  readonly #columns: ArrowColumn[];
  rowCount = 0;

  constructor(schema: Schema) {
    this.#schema = schema;
    this.#columns = schema.fields.map(({ type }) => arrowColumn(type));
    this.schemaMessage = messages(new RecordBatchStreamWriter().reset(undefined, schema));
  }

  get isFull(): boolean {
    return (
      this.rowCount >= BATCH_ROWS || this.#columns.reduce((sum, { byteLength }) => sum + byteLength, 0) >= BATCH_BYTES
    );
  }

  append({ chunk, rowCount }: DuckDBDataChunk): void {
    for (const [index, column] of this.#columns.entries()) {
      column.append(duckdb.data_chunk_get_vector(chunk, index), rowCount);
    }
    this.rowCount += rowCount;
  }

  /** @returns the batch's message */
  take(): Buffer {
    const children = this.#columns.map((column) => column.take());
    const data = makeData({ type: new Struct(this.#schema.fields), length: this.rowCount, nullCount: 0, children });
    this.rowCount = 0;
    const writer = new RecordBatchStreamWriter();
    writer.write(new RecordBatch(this.#schema, data));
    return messages(writer).subarray(this.schemaMessage.length);
  }
}

function messages(writer: RecordBatchStreamWriter): Buffer {
  const { buffer, byteOffset, byteLength } = writer.finish().toUint8Array(true);
  return Buffer.from(buffer, byteOffset, byteLength - END_OF_STREAM.length);
}
