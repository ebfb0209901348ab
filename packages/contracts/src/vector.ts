import { z } from "zod";
import { entriesOf, isObject, timestampSchema } from "./common.ts";

export const DIMENSION_MAX = 4096;
export const K_MAX = 1000;
/** Longest item id, in characters. */
export const ID_LENGTH_MAX = 256;
const M_MAX = 128;
const EF_MAX = 10_000;

/** As hnswlib has them: 1 − cos, squared Euclidean, 1 − a·b. */
export const distanceNames = ["cosine", "l2", "ip"] as const;
export type DistanceName = (typeof distanceNames)[number];

/** Where vectors are kept: an index a file, and the log of what came since, a record an object. */

const efSchema = z.int().min(1).max(EF_MAX);

/** Parameters of an index. They never change. */
export const indexParametersSchema = z.object({
  dimension: z.int().min(1).max(DIMENSION_MAX),
  distance: z.enum(distanceNames),
  m: z.int().min(2).max(M_MAX),
  ef_construction: efSchema,
  ef_search: efSchema,
});
const parameters = indexParametersSchema.shape;

export const createIndexRequestSchema = z.strictObject({
  name: z.string(),
  dimension: parameters.dimension,
  distance: parameters.distance.default("cosine"),
  m: parameters.m.default(16),
  ef_construction: parameters.ef_construction.default(200),
  ef_search: parameters.ef_search.default(100),
});
export type CreateIndexRequest = z.output<typeof createIndexRequestSchema>;

export const indexInfoSchema = z.object({
  name: z.string(),
  dimension: z.int().positive(),
  distance: z.enum(distanceNames),
  count: z.int().nonnegative(),
  m: z.int().positive(),
  ef_construction: z.int().positive(),
  ef_search: z.int().positive(),
  created_at: timestampSchema,
  updated_at: timestampSchema,
});
export type IndexInfo = z.infer<typeof indexInfoSchema>;

export const indexListSchema = z.object({ indexes: z.array(indexInfoSchema), count: z.int().nonnegative() });
export type IndexList = z.infer<typeof indexListSchema>;

/** Any JSON object. Passed on by reference, so that no key of it is lost or means anything. */
export const metadataSchema = z
  .custom<Record<string, unknown>>(isObject, "expected an object")
  .meta({ type: "object" });
export type Metadata = z.infer<typeof metadataSchema>;

/** Infinity is a number here, as `1e400` is one in JSON: that float32 can't hold it is said of the vector, not of the shape. */
export const numbersSchema = z
  .custom<number[]>(isNumbers, "expected an array of numbers")
  .meta({ type: "array", items: { type: "number" } });

export const vectorItemSchema = z.strictObject({
  id: z.string(),
  vector: numbersSchema,
  /** Left out: what the id had before stays. */
  metadata: metadataSchema.exactOptional(),
});
export type VectorItem = z.infer<typeof vectorItemSchema>;

export const addItemsRequestSchema = z.strictObject({ items: z.array(vectorItemSchema) });
export type AddItemsRequest = z.infer<typeof addItemsRequestSchema>;

export const addItemsResultSchema = z.object({
  added: z.int().nonnegative(),
  updated: z.int().nonnegative(),
  count: z.int().nonnegative(),
});
export type AddItemsResult = z.infer<typeof addItemsResultSchema>;

export const deleteItemsRequestSchema = z.strictObject({ ids: z.array(z.string()) });
export type DeleteItemsRequest = z.infer<typeof deleteItemsRequestSchema>;

export const deleteItemsResultSchema = z.object({ deleted: z.int().nonnegative(), count: z.int().nonnegative() });
export type DeleteItemsResult = z.infer<typeof deleteItemsResultSchema>;

const scalarSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export type Scalar = z.infer<typeof scalarSchema>;

const boundSchema = z.union([z.string(), z.number()]);

export const rangeSchema = z
  .strictObject({
    gt: boundSchema.exactOptional(),
    gte: boundSchema.exactOptional(),
    lt: boundSchema.exactOptional(),
    lte: boundSchema.exactOptional(),
  })
  .refine((range) => Object.keys(range).length > 0, "a range has gt, gte, lt or lte");
export type Range = z.infer<typeof rangeSchema>;

/** Equal to, any of, or within. */
export const conditionSchema = z.union([scalarSchema, z.array(scalarSchema), rangeSchema]);
export type Condition = z.infer<typeof conditionSchema>;

/** On the wire an object from top-level metadata keys to conditions; parsed, a list of pairs, where `__proto__` is a key like any other. */
export const filterSchema = entriesOf(conditionSchema, "Condition");
export type Filter = z.output<typeof filterSchema>;

export const searchRequestSchema = z.strictObject({
  vector: numbersSchema,
  k: z.int().min(1).max(K_MAX).default(10),
  ef: efSchema.exactOptional(),
  filter: filterSchema.exactOptional(),
  exact: z.boolean().default(false),
  include_vectors: z.boolean().default(false),
});
export type SearchRequest = z.output<typeof searchRequestSchema>;

export const searchHitSchema = z.object({
  id: z.string(),
  distance: z.number(),
  metadata: metadataSchema,
  vector: z.array(z.number()).exactOptional(),
});
export type SearchHit = z.infer<typeof searchHitSchema>;

/** Nearest first, ties by id. */
export const searchResultSchema = z.object({ results: z.array(searchHitSchema) });
export type SearchResult = z.infer<typeof searchResultSchema>;

/** The vector as it was given, in float32. */
export const storedItemSchema = z.object({ id: z.string(), vector: z.array(z.number()), metadata: metadataSchema });
export type StoredItem = z.infer<typeof storedItemSchema>;

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((number) => typeof number === "number");
}
