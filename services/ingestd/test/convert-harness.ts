import { readFile } from "node:fs/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { type Column, type ColumnType, LakehouseError } from "@lakehouse/contracts";
import type { TypeWishes } from "../src/convert/column-plan.ts";
import { type ConvertSizes, type CsvContents, convertCsv } from "../src/convert/convert-csv.ts";
import { encodeParquet } from "../src/convert/encode-parquet.ts";
import type { EncoderMessage } from "../src/convert/encoder-messages.ts";
import type { ByteSource } from "../src/csv/row-reader.ts";

export const noWishes: TypeWishes = { overrides: {}, registered: undefined };

export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    read(into, offset) {
      const piece = bytes.subarray(offset, offset + into.length);
      into.set(piece);
      return piece.length;
    },
  };
}

export interface Scanned {
  contents: CsvContents;
  messages: EncoderMessage[];
}

/** Scans a file that is there as a whole. @throws LakehouseError */
export function scan(file: string | Uint8Array, delimiter = ",", wishes = noWishes, sizes?: ConvertSizes): Scanned {
  const messages: EncoderMessage[] = [];
  const sink = {
    begin: (plainColumns: string[]) => void messages.push({ kind: "begin", plainColumns }),
    write: (ipc: Uint8Array<ArrayBuffer>) => void messages.push({ kind: "batch", ipc }),
    end: () => void messages.push({ kind: "end" }),
  };
  const bytes = typeof file === "string" ? Buffer.from(file) : file;
  return { contents: convertCsv(bytesSource(bytes), delimiter.charCodeAt(0), wishes, sink, sizes), messages };
}

/** The refusal that a file meets. */
export function refusalOf(file: string | Uint8Array, delimiter = ",", wishes = noWishes): LakehouseError {
  try {
    scan(file, delimiter, wishes);
  } catch (error) {
    if (error instanceof LakehouseError) return error;
    throw error;
  }
  throw new Error("The file was taken.");
}

export async function writeParquet(path: string, messages: EncoderMessage[]): Promise<void> {
  async function* given(): AsyncGenerator<EncoderMessage> {
    yield* messages;
  }
  await encodeParquet(path, given(), () => {});
}

export interface ReadBack {
  /** Names and types as DuckDB sees them in the Parquet file. */
  columns: Column[];
  /** In file order, each value as the text of {@link sqlText}. */
  rows: unknown[][];
}

/** Everything in a Parquet file, by SQL. */
export async function readBack(duckdb: DuckDBConnection, path: string): Promise<ReadBack> {
  const described = await duckdb.runAndReadAll(`DESCRIBE FROM read_parquet('${path}')`);
  const columns = described.getRows().map(([name, type]) => ({ name: String(name), type: shortName(String(type)) }));
  const expressions = columns.map(({ name, type }) => sqlText(`"${name.replaceAll('"', '""')}"`, type as ColumnType));
  const result = await duckdb.runAndReadAll(`SELECT ${expressions.join(", ")} FROM read_parquet('${path}')`);
  return { columns, rows: result.getRows() };
}

function shortName(type: string): string {
  return type === "TIMESTAMP WITH TIME ZONE" ? "TIMESTAMPTZ" : type;
}

/** An exact value as text: instants in microseconds, text as its bytes (node-api drops a BOM); doubles come as numbers. */
function sqlText(column: string, type: ColumnType): string {
  if (type === "TIMESTAMP" || type === "TIMESTAMPTZ") return `epoch_us(${column})::VARCHAR`;
  if (type === "VARCHAR") return `lower(hex(encode(${column})))`;
  if (type === "DOUBLE") return column;
  return `${column}::VARCHAR`;
}

/** Whether the file is a complete Parquet file. */
export async function isParquet(path: string): Promise<boolean> {
  const bytes = await readFile(path);
  return bytes.subarray(0, 4).toString() === "PAR1" && bytes.subarray(-4).toString() === "PAR1";
}
