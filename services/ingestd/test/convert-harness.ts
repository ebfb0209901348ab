import type { DuckDBConnection } from "@duckdb/node-api";
import type { Column, ColumnType } from "@lakehouse/contracts";
import type { TypeWishes } from "../src/convert/column-plan.ts";
import { type ConvertSizes, type CsvContents, convertCsv } from "../src/convert/convert-csv.ts";
import type { ByteSource } from "../src/csv/row-reader.ts";

const noWishes: TypeWishes = { overrides: {}, registered: undefined };

function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    read(into, offset) {
      const piece = bytes.subarray(offset, offset + into.length);
      into.set(piece);
      return piece.length;
    },
  };
}

export interface Conversion {
  file: string | Uint8Array;
  parquetPath: string;
  delimiter?: string;
  wishes?: TypeWishes;
  sizes?: ConvertSizes;
}

/** Converts a file that is there as a whole. @throws LakehouseError */
export function convert({ file, parquetPath, delimiter = ",", wishes = noWishes, sizes }: Conversion): CsvContents {
  const bytes = typeof file === "string" ? Buffer.from(file) : file;
  return convertCsv(bytesSource(bytes), { parquetPath, delimiter: delimiter.charCodeAt(0), wishes }, sizes);
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
