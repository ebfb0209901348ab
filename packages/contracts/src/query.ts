import { z } from "zod";
import { columnSchema } from "./catalog.ts";

export const resultFormats = ["json", "ndjson", "csv", "parquet", "arrow"] as const;
export type ResultFormat = (typeof resultFormats)[number];

export const resultMediaTypes = {
  json: "application/json",
  ndjson: "application/x-ndjson",
  csv: "text/csv",
  parquet: "application/vnd.apache.parquet",
  arrow: "application/vnd.apache.arrow.stream",
} as const satisfies Record<ResultFormat, string>;

/** Of `POST /sql`; where it is left out, `Accept` decides. */
export const sqlQuerySchema = z.strictObject({ format: z.enum(resultFormats).exactOptional() });

/** Of the numbers that JSON can hold, a whole one keeps all its digits: past 2^53 it arrives as a bigint. */
const parameterSchema = z
  .custom<string | number | boolean | null | bigint>(isParameter, "expected a text, a number, true, false or null")
  .meta({ type: ["string", "number", "boolean", "null"] });
export type QueryParameter = z.infer<typeof parameterSchema>;

export const queryRequestSchema = z.strictObject({
  sql: z.string().refine((sql) => sql.trim() !== "", "is empty"),
  params: z.array(parameterSchema).exactOptional(),
  timeout_ms: z.int().positive().exactOptional(),
});
export type QueryRequest = z.infer<typeof queryRequestSchema>;

/** `rows` hold exact JSON numbers, also past 2^53: parse them with a reader that keeps the digits. */
export const queryResultSchema = z.object({
  columns: z.array(columnSchema),
  rows: z.array(z.array(z.unknown())),
  row_count: z.int().nonnegative(),
  elapsed_ms: z.number().nonnegative(),
});
export type QueryResult = z.infer<typeof queryResultSchema>;

export const queryDatasetsSchema = z.object({
  datasets: z.array(
    z.object({
      name: z.string(),
      columns: z.array(columnSchema),
      row_count: z.int().nonnegative(),
      status: z.enum(["ready", "failed"]),
      error: z.string().exactOptional(),
    }),
  ),
});
export type QueryDatasets = z.infer<typeof queryDatasetsSchema>;

function isParameter(value: unknown): boolean {
  if (typeof value === "bigint") return BigInt.asIntN(128, value) === value; // SQL's widest integer is HUGEINT
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}
