import {
  queryDatasetsSchema,
  queryRequestSchema,
  queryResultSchema,
  resultMediaTypes,
  sqlQuerySchema,
} from "../query.ts";
import { bytesSchema, jsonAnswer, jsonBody, textSchema } from "./content.ts";
import type { ApiContent, ApiRoute } from "./route.ts";

const { json, ndjson, csv, parquet, arrow } = resultMediaTypes;
const resultContent: Record<string, ApiContent> = {
  [json]: { schema: queryResultSchema },
  [ndjson]: { schema: textSchema.meta({ description: "An object a row." }) },
  [csv]: { schema: textSchema.meta({ description: "A line a row, after a header." }) },
  [parquet]: { schema: bytesSchema.meta({ description: "A Parquet file." }) },
  [arrow]: { schema: bytesSchema.meta({ description: "An Arrow IPC stream." }) },
};

export const queryRoutes: ApiRoute[] = [
  {
    method: "POST",
    path: "/v1/sql",
    service: "queryd",
    id: "querySql",
    scope: "sql",
    summary: "Runs one read-only statement over the datasets",
    description:
      "`format`, else `Accept`, says what comes back. Rows are streamed; a failure after the first of them breaks the connection.",
    query: sqlQuerySchema,
    body: jsonBody(queryRequestSchema, { sql: "SELECT name FROM people WHERE id = ?", params: [2] }),
    answers: { 200: { description: "The result.", content: resultContent, headers: { vary: "`accept`" } } },
    errors: [
      "sql_error",
      "statement_not_allowed",
      "query_timeout",
      "query_out_of_memory",
      "query_busy",
      "dataset_unavailable",
      "cache_full",
      "not_loaded",
      "storage_unavailable",
    ],
  },
  {
    method: "GET",
    path: "/v1/sql/datasets",
    service: "queryd",
    id: "listSqlDatasets",
    scope: "sql",
    summary: "Lists what SQL can read",
    description: "Also a dataset whose objects can't be read, with the reason.",
    answers: { 200: jsonAnswer("The datasets.", queryDatasetsSchema) },
    errors: ["not_loaded"],
  },
];
