import assert from "node:assert";
import type { ColumnStats } from "@lakehouse/contracts";
import type { PlannedColumn } from "../columns/create-column.ts";
import { TableWriter } from "../columns/table-writer.ts";
import { CsvError } from "../csv/csv-error.ts";
import { CsvRefusal } from "../csv/csv-refusal.ts";
import { columnNames } from "../csv/header.ts";
import { READ_BYTES } from "../csv/limits.ts";
import { lineAt } from "../csv/line-at.ts";
import { type ByteSource, RowReader } from "../csv/row-reader.ts";
import { ParquetFile } from "../parquet/parquet-file.ts";
import type { ParquetColumn } from "../parquet/parquet-schema.ts";
import { ColumnPlan, type TypeWishes } from "./column-plan.ts";
import { inferTypes } from "./infer-types.ts";
import { SAMPLE_BYTES } from "./limits.ts";
import { Repetition } from "./repetition.ts";

export interface ConvertTask {
  /** Of the file to write; what is there is truncated. */
  parquetPath: string;
  /** Code of the ASCII character between fields. */
  delimiter: number;
  wishes: TypeWishes;
}

export interface ConvertSizes {
  /** The file is read in pieces of this size. */
  readBytes: number;
  /** Types are guessed from this much of it. */
  sampleBytes: number;
}

export interface CsvContents {
  columns: ParquetColumn[];
  rowCount: number;
  stats: Record<string, ColumnStats>;
}

/**
 * Writes the rows of a CSV file to a Parquet file, with types inferred from every value.
 *
 * The types can only be known at the end of the file, which may still be arriving. So they are guessed from its beginning and
 * rows are written at once, while each value is held against the guess. Where one disagrees, the types are inferred from the
 * whole file and it is written again, with types that fit: at most twice.
 * @throws CsvRefusal for a file that can't be taken, with `details.line` where there is one
 */
export function convertCsv(source: ByteSource, task: ConvertTask, sizes: ConvertSizes = defaultSizes): CsvContents {
  try {
    return new Converter(source, task, sizes).convert();
  } catch (error) {
    if (error instanceof CsvError) throw error.toRefusal(lineAt(source, error.offset));
    throw error;
  }
}

const defaultSizes = { readBytes: READ_BYTES, sampleBytes: SAMPLE_BYTES };

class Converter {
  readonly #source: ByteSource;
  readonly #task: ConvertTask;
  readonly #sizes: ConvertSizes;

  constructor(source: ByteSource, task: ConvertTask, sizes: ConvertSizes) {
    this.#source = source;
    this.#task = task;
    this.#sizes = sizes;
  }

  convert(): CsvContents {
    const names = this.#readNames();
    const plan = new ColumnPlan(names, this.#task.wishes);
    const repetition = new Repetition(names.length);
    const write = (types: number[]) =>
      this.#write(
        plan,
        plan.resolve(types, (column) => repetition.repeats(column)),
      );
    const guess = this.#infer(names.length, this.#sizes.sampleBytes, repetition);
    const contents = write(guess) ?? write(this.#infer(names.length, Number.POSITIVE_INFINITY));
    assert(contents !== undefined, "types inferred from every value fit every value");
    return contents;
  }

  #readNames(): string[] {
    const reader = this.#reader();
    const header = reader.readHeader();
    if (header === undefined) throw new CsvRefusal("empty_csv", "The file has no header line.");
    return columnNames(header, lineAt(this.#source, reader.offsetOf(header, 0)));
  }

  /** The file from the first row after the header on. */
  #rows(): RowReader {
    const reader = this.#reader();
    reader.readHeader();
    return reader;
  }

  #reader(): RowReader {
    return new RowReader(this.#source, this.#task.delimiter, this.#sizes.readBytes);
  }

  #infer(columns: number, bytesMax: number, repetition?: Repetition): number[] {
    return inferTypes(this.#rows(), columns, bytesMax, (block) => repetition?.add(block));
  }

  /** @returns undefined where a value does not read as its guessed type */
  #write(plan: ColumnPlan, columns: PlannedColumn[]): CsvContents | undefined {
    using file = new ParquetFile(this.#task.parquetPath, columns);
    const table = new TableWriter(file, columns);
    const reader = this.#rows();
    for (let block = reader.nextBlock(); block !== undefined; block = reader.nextBlock()) {
      const misfit = table.append(block);
      if (misfit === undefined) continue;
      if (plan.override(misfit.column) === undefined) return undefined;
      throw this.#mismatch(columns[misfit.column]!, reader.offsetOf(block, misfit.row));
    }
    table.finish();
    return {
      columns: columns.map(({ name, type }) => ({ name, type })),
      rowCount: table.rows,
      stats: table.stats(),
    };
  }

  #mismatch({ name, type }: ParquetColumn, offset: number): CsvRefusal {
    const line = lineAt(this.#source, offset);
    const message = `Line ${line}: the value of column ${JSON.stringify(name)} does not read as ${type}.`;
    return new CsvRefusal("type_mismatch", message, { line, column: name, type });
  }
}
