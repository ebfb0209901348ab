import type { ResultFormat } from "@lakehouse/contracts";
import { arrowResult } from "./arrow-result.ts";
import { parquetResult } from "./file-result.ts";
import type { ResultSource } from "./result-source.ts";
import { csvFormat, jsonFormat, ndjsonFormat, type TextFormat } from "./text-formats.ts";
import { textResult } from "./text-result.ts";

/** Those that are written row by row. */
export const textFormats: Partial<Record<ResultFormat, TextFormat>> = {
  json: jsonFormat,
  ndjson: ndjsonFormat,
  csv: csvFormat,
};

/** @param folder where formats that can't be streamed are made first */
export function renderResult(source: ResultSource, format: ResultFormat, folder: string): AsyncGenerator<Buffer, void> {
  const text = textFormats[format];
  if (text) return textResult(source, text);
  return format === "parquet" ? parquetResult(source, folder) : arrowResult(source);
}
