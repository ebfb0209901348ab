import type { ResultFormat } from "@lakehouse/contracts";
import { arrowResult, parquetResult } from "./file-result.ts";
import type { ResultSource } from "./result-source.ts";
import { csvFormat, jsonFormat, ndjsonFormat } from "./text-formats.ts";
import { textResult } from "./text-result.ts";

/** @param folder where formats that can't be streamed are made first */
export function renderResult(source: ResultSource, format: ResultFormat, folder: string): AsyncGenerator<Buffer, void> {
  switch (format) {
    case "json":
      return textResult(source, jsonFormat);
    case "ndjson":
      return textResult(source, ndjsonFormat);
    case "csv":
      return textResult(source, csvFormat);
    case "parquet":
      return parquetResult(source, folder);
    case "arrow":
      return arrowResult(source, folder);
  }
}
