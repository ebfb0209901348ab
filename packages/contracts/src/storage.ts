import { z } from "zod";

export const LIST_LIMIT_MAX = 10_000;

export const objectInfoSchema = z.object({
  key: z.string(),
  size: z.int().nonnegative(),
  etag: z.string(),
  last_modified: z.string(),
});
export type ObjectInfo = z.infer<typeof objectInfoSchema>;

export const putResultSchema = objectInfoSchema.omit({ last_modified: true });
export type PutResult = z.infer<typeof putResultSchema>;

/** Query of the routes of one object. Strict, so that a misspelt `bucket` never means the default one. */
export const objectQuerySchema = z.strictObject({ bucket: z.string().exactOptional() });

export const listQuerySchema = z.strictObject({
  prefix: z.string().default(""),
  limit: z.coerce.number().int().min(1).max(LIST_LIMIT_MAX).default(LIST_LIMIT_MAX),
  cursor: z.string().min(1).exactOptional(),
  bucket: z.string().exactOptional(),
});

export const listResultSchema = z.object({
  prefix: z.string(),
  objects: z.array(objectInfoSchema),
  truncated: z.boolean(),
  next_cursor: z.string().nullable(),
});
export type ListResult = z.infer<typeof listResultSchema>;
