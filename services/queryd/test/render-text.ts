import { buffer } from "node:stream/consumers";
import { DuckDBInstance } from "@duckdb/node-api";
import { describeColumns } from "../src/engine/describe-columns.ts";
import type { Parameters } from "../src/engine/parameters.ts";
import { coalesce } from "../src/rendering/coalesce.ts";
import { jsonFormat, type TextFormat } from "../src/rendering/text-formats.ts";
import { textResult } from "../src/rendering/text-result.ts";

export const connection = await (await DuckDBInstance.create(":memory:", { threads: "2" })).connect();
await connection.run("SET TimeZone = 'UTC'");

export async function render(sql: string, format: TextFormat, parameters: Parameters = []): Promise<string> {
  const columns = await describeColumns(connection, { sql, parameters });
  const source = { connection, sql, parameters, columns, startedAt: performance.now() };
  return (await buffer(coalesce(textResult(source, format)))).toString();
}

export interface Answer {
  columns: { name: string; type: string }[];
  rows: unknown[][];
  row_count: unknown;
}

/** Parsed with every number as the text that stood there. */
export async function json(sql: string, parameters: Parameters = []): Promise<Answer> {
  const text = await render(sql, jsonFormat, parameters);
  return JSON.parse(text, (_key, value, context?: { source?: string }) =>
    typeof value === "number" ? `#${context?.source}` : value,
  ) as Answer;
}

export const row = async (select: string) => (await json(`SELECT ${select}`)).rows[0];
