import { z } from "zod";
import { entriesOf, timestampSchema } from "./common.ts";

/** SQL types a dataset's column can have; what ingestd infers (SPEC §5). */
export const columnTypes = ["BIGINT", "DOUBLE", "BOOLEAN", "DATE", "TIMESTAMP", "TIMESTAMPTZ", "VARCHAR"] as const;
export type ColumnType = (typeof columnTypes)[number];

export const columnSchema = z.object({ name: z.string().min(1), type: z.string().min(1) });
export type Column = z.infer<typeof columnSchema>;

const statValue = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** Of one column in one object: values as JSON (64-bit integers past 2^53 as text), null where the column has no value. */
export const columnStatsSchema = z.object({ min: statValue, max: statValue, null_count: z.int().nonnegative() });
export type ColumnStats = z.infer<typeof columnStatsSchema>;

export const datasetObjectSchema = z.object({
  key: z.string().min(1),
  size: z.int().nonnegative(),
  row_count: z.int().nonnegative(),
  stats: entriesOf(columnStatsSchema, "ColumnStats")
    .transform((entries) => Object.fromEntries(entries))
    .exactOptional(),
});
export type DatasetObject = z.infer<typeof datasetObjectSchema>;

export const manifestSchema = z.object({
  dataset_id: z.uuid(),
  name: z.string(),
  schema_fingerprint: z.string(),
  columns: z.array(columnSchema),
  objects: z.array(datasetObjectSchema),
  row_count: z.int().nonnegative(),
  created_at: timestampSchema,
  updated_at: timestampSchema,
});
export type Manifest = z.infer<typeof manifestSchema>;

export const registerModes = ["replace", "append"] as const;
export type RegisterMode = (typeof registerModes)[number];

/** No view could have the same column twice, and SQL ignores case. */
const columnsSchema = z
  .array(columnSchema)
  .min(1)
  .superRefine((columns, { addIssue }) => {
    const seen = new Set<string>();
    for (const [position, { name }] of columns.entries()) {
      const message = "is there twice; SQL ignores case";
      if (seen.has(name.toLowerCase())) addIssue({ code: "custom", message, path: [position, "name"] });
      seen.add(name.toLowerCase());
    }
  });

export const registerRequestSchema = z.strictObject({
  name: z.string(),
  schema_fingerprint: z.string(),
  columns: columnsSchema,
  objects: z.array(datasetObjectSchema),
  row_count: z.int().nonnegative(),
  mode: z.enum(registerModes).default("replace"),
});
export type RegisterRequest = z.infer<typeof registerRequestSchema>;

export const registerResultSchema = z.object({ manifest: manifestSchema, existing: z.boolean() });
export type RegisterResult = z.infer<typeof registerResultSchema>;

export const manifestListSchema = z.object({ manifests: z.array(manifestSchema), count: z.int().nonnegative() });
export type ManifestList = z.infer<typeof manifestListSchema>;

export const schemaConflictDetailsSchema = z.object({
  registered_fingerprint: z.string(),
  offered_fingerprint: z.string(),
  added: z.array(columnSchema),
  removed: z.array(columnSchema),
  changed: z.array(z.object({ name: z.string(), registered: z.string(), offered: z.string() })),
});
export type SchemaConflictDetails = z.infer<typeof schemaConflictDetailsSchema>;

export const gcRequestSchema = z.strictObject({ dry_run: z.boolean().default(false) });

export const gcResultSchema = z.object({
  dry_run: z.boolean(),
  garbage: z.array(z.object({ key: z.string(), size: z.int(), last_modified: z.string() })),
  removed: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
});
export type GcResult = z.infer<typeof gcResultSchema>;
