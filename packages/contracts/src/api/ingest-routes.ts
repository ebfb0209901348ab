import { z } from "zod";
import { ingestQuerySchema, ingestResultSchema } from "../ingest.ts";
import { bytesSchema, jsonAnswer } from "./content.ts";
import { storeErrors } from "./errors.ts";
import type { ApiRoute } from "./route.ts";

const formSchema = z.object({ file: bytesSchema.meta({ description: "The CSV.", contentMediaType: "text/csv" }) });
const csvSchema = z.string().meta({ description: "CSV by RFC 4180, UTF-8, with a header." });

export const ingestRoutes: ApiRoute[] = [
  {
    method: "POST",
    path: "/v1/ingest",
    service: "ingestd",
    id: "ingestCsv",
    scope: "ingest",
    summary: "Makes a CSV a dataset",
    description:
      "A column is a number, date or boolean only if every value of the file is spelled so. The answer comes once the rows are durable and in SQL's reach.",
    query: ingestQuerySchema,
    body: {
      required: true,
      content: {
        "multipart/form-data": { schema: formSchema },
        "text/csv": { schema: csvSchema, example: "id,name,zip\n1,Ada,00501\n2,Grace,10001\n" },
      },
    },
    answers: { 200: jsonAnswer("It is a dataset now, or part of one.", ingestResultSchema) },
    errors: [
      "forbidden_dataset",
      "invalid_name",
      "empty_csv",
      "ragged_row",
      "unterminated_quote",
      "invalid_quote",
      "invalid_encoding",
      "invalid_header",
      "field_too_large",
      "missing_file",
      "type_mismatch",
      "unsupported_media_type",
      "schema_conflict",
      "name_conflict",
      "manifest_damaged",
      "not_loaded",
      "ingest_busy",
      "spool_full",
      ...storeErrors,
    ],
  },
];
