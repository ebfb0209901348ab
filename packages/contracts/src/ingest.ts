import { z } from "zod";
import { columnSchema, manifestSchema, registerModes } from "./catalog.ts";

/** One of these stands between two fields. */
export const delimiters = [",", ";", "\t", "|"] as const;
export type Delimiter = (typeof delimiters)[number];

export const ingestQuerySchema = z.strictObject({
  name: z.string(),
  mode: z.enum(registerModes).default("replace"),
  delimiter: z.enum(delimiters).default(","),
  /** `zip:VARCHAR,paid:DOUBLE` */
  types: z.string().exactOptional(),
});
export type IngestQuery = z.infer<typeof ingestQuerySchema>;

export const ingestResultSchema = z.object({
  manifest: manifestSchema,
  row_count: z.int().nonnegative(),
  columns: z.array(columnSchema),
  object: z.object({ key: z.string(), size: z.int().nonnegative() }),
  elapsed_ms: z.number().nonnegative(),
});
export type IngestResult = z.infer<typeof ingestResultSchema>;
