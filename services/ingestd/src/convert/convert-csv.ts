import assert from "node:assert";
import { type ColumnStats, LakehouseError } from "@lakehouse/contracts";
import { RecordBatcher, type TypedColumn } from "../columns/record-batcher.ts";
import { CsvError } from "../csv/csv-error.ts";
import { columnNames } from "../csv/header.ts";
import { lineAt } from "../csv/line-at.ts";
import { type ByteSource, RowReader } from "../csv/row-reader.ts";
import { READ_BYTES, SAMPLE_BYTES } from "../limits.ts";
import { ColumnPlan, type TypeWishes } from "./column-plan.ts";
import { inferTypes } from "./infer-types.ts";
import { Repetition } from "./repetition.ts";

/** Takes record batches in the order of the file. */
export interface BatchSink {
  /** Starts a file, in place of one that was begun before; a batch follows. @param plainColumns names of columns that a dictionary does not pay for */
  begin(plainColumns: string[]): void;
  /** @param ipc an Arrow IPC stream of one record batch, given away */
  write(ipc: Uint8Array<ArrayBuffer>): void;
  end(): void;
}

export interface ConvertSizes {
  /** The file is read in pieces of this size. */
  readBytes: number;
  /** Types are guessed from this much of it. */
  sampleBytes: number;
}

export interface CsvContents {
  columns: TypedColumn[];
  rowCount: number;
  stats: Record<string, ColumnStats>;
}

/**
 * Reads a CSV file, infers its types from every value, and gives its rows to `sink` as record batches.
 *
 * The types can only be known at the end of the file, which may still be arriving. So they are guessed from its beginning and the
 * batches begin at once, while each value is held against the guess. Where one disagrees, the types are inferred from the whole
 * file and the batches begin again, with types that fit: at most twice.
 * @param delimiter code of an ASCII character
 * @throws LakehouseError for a file that can't be taken, with `details.line` where there is one
 */
export function convertCsv(
  source: ByteSource,
  delimiter: number,
  wishes: TypeWishes,
  sink: BatchSink,
  sizes: ConvertSizes = { readBytes: READ_BYTES, sampleBytes: SAMPLE_BYTES },
): CsvContents {
  try {
    return new Converter(source, delimiter, sink, sizes).convert(wishes);
  } catch (error) {
    if (error instanceof CsvError) throw error.toLakehouseError(lineAt(source, error.offset));
    throw error;
  }
}

class Converter {
  readonly #source: ByteSource;
  readonly #delimiter: number;
  readonly #sink: BatchSink;
  readonly #sizes: ConvertSizes;

  constructor(source: ByteSource, delimiter: number, sink: BatchSink, sizes: ConvertSizes) {
    this.#source = source;
    this.#delimiter = delimiter;
    this.#sink = sink;
    this.#sizes = sizes;
  }

  convert(wishes: TypeWishes): CsvContents {
    const names = this.#readNames();
    const plan = new ColumnPlan(names, wishes);
    const repetition = new Repetition(names.length);
    const guess = this.#infer(names.length, this.#sizes.sampleBytes, repetition);
    const plainColumns = names.filter((_, column) => !repetition.repeats(column));
    const contents = this.#write(plan, guess, plainColumns);
    if (contents !== undefined) return contents;
    const known = this.#infer(names.length, Number.POSITIVE_INFINITY);
    const rewritten = this.#write(plan, known, plainColumns);
    assert(rewritten !== undefined, "types inferred from every value fit every value");
    return rewritten;
  }

  #readNames(): string[] {
    const reader = this.#reader();
    const header = reader.readHeader();
    if (header === undefined) throw new LakehouseError("empty_csv", "The file has no header line.");
    return columnNames(header, lineAt(this.#source, reader.offsetOf(header, 0)));
  }

  /** The file from the first row after the header on. */
  #rows(): RowReader {
    const reader = this.#reader();
    reader.readHeader();
    return reader;
  }

  #reader(): RowReader {
    return new RowReader(this.#source, this.#delimiter, this.#sizes.readBytes);
  }

  #infer(columns: number, bytesMax: number, repetition?: Repetition): number[] {
    return inferTypes(this.#rows(), columns, bytesMax, (block) => repetition?.add(block));
  }

  /** @returns undefined where a value does not read as its guessed type */
  #write(plan: ColumnPlan, types: number[], plainColumns: string[]): CsvContents | undefined {
    const columns = plan.resolve(types);
    const batcher = new RecordBatcher(columns);
    const reader = this.#rows();
    let isBegun = false;
    const giveBatch = () => {
      // Only with its first batch, so that a guess which fails at once costs the writer nothing.
      if (!isBegun) this.#sink.begin(plainColumns);
      isBegun = true;
      this.#sink.write(batcher.takeIpc());
    };
    for (let block = reader.nextBlock(); block !== undefined; block = reader.nextBlock()) {
      const misfit = batcher.append(block);
      if (misfit !== undefined) {
        const type = plan.override(misfit.column);
        if (type === undefined) return undefined;
        throw this.#mismatch({ ...columns[misfit.column]!, type }, reader.offsetOf(block, misfit.row));
      }
      if (batcher.isFull) giveBatch();
    }
    giveBatch();
    this.#sink.end();
    return {
      columns: columns.map(({ name, type }) => ({ name, type })),
      rowCount: batcher.totalRows,
      stats: batcher.stats(),
    };
  }

  #mismatch({ name, type }: TypedColumn, offset: number): LakehouseError {
    const line = lineAt(this.#source, offset);
    const message = `Line ${line}: the value of column ${JSON.stringify(name)} does not read as ${type}.`;
    return new LakehouseError("type_mismatch", message, { details: { line, column: name, type } });
  }
}
