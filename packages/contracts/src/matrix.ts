import { z } from "zod";
import { namePattern, timestampSchema } from "./common.ts";
import { filterSchema, ID_LENGTH_MAX, indexInfoSchema, K_MAX, metadataSchema, numbersSchema } from "./vector.ts";

/** Most corpora of a search. */
export const CORPORA_MAX = 64;
/** Most chunks that are weighed at once. */
export const CHUNKS_MAX = 256;
const TAGS_MAX = 32;
const TAG_LENGTH_MAX = 128;
const MODEL_NAME_LENGTH_MAX = 256;

/** A corpus is an index of vectord. */
const corpusSchema = z.string().regex(namePattern, "is no name that an index could have");

/** One named twice is searched once. */
const corporaSchema = z
  .array(corpusSchema)
  .min(1)
  .max(CORPORA_MAX)
  .transform((corpora) => [...new Set(corpora)]);

const textSchema = z.string().min(1);
const modelSchema = z.string().min(1).max(MODEL_NAME_LENGTH_MAX);
const kSchema = z.int().min(1).max(K_MAX);

/** A vector wins over a text. */
const queryShape = { query_text: textSchema.exactOptional(), query_vector: numbersSchema.exactOptional() };

/** `distance` merges by distance, which wants corpora of one dimension and metric; `rrf` by the rank in each corpus. */
export const fusions = ["distance", "rrf"] as const;
export type Fusion = (typeof fusions)[number];

export const matrixSearchRequestSchema = z
  .strictObject({
    ...queryShape,
    corpora: corporaSchema,
    k: kSchema.default(10),
    /** Hits that each corpus is asked for; `k` where it is left out. */
    per_corpus_k: kSchema.exactOptional(),
    filter: filterSchema.exactOptional(),
    fusion: z.enum(fusions).default("distance"),
    /** Of chat, or a tier of `[models]`: what `downgrade` says of it is applied. */
    model: modelSchema.exactOptional(),
    use_playbook: z.boolean().default(false),
  })
  .refine(hasQuery, { message: "give query_text or query_vector", path: ["query_text"] });
export type MatrixSearchRequest = z.output<typeof matrixSearchRequestSchema>;

export const matrixHitSchema = z.object({
  id: z.string(),
  /** As the corpus measures it, lifted where `playbook_boosted`. */
  distance: z.number(),
  corpus: z.string(),
  metadata: metadataSchema,
  /** With `rrf` alone: higher is better. */
  score: z.number().exactOptional(),
  playbook_boosted: z.literal(true).exactOptional(),
});
export type MatrixHit = z.infer<typeof matrixHitSchema>;

export const downgradeRequestSchema = z.strictObject({ model: modelSchema, corpora: corporaSchema, ...queryShape });
export type DowngradeRequest = z.output<typeof downgradeRequestSchema>;

export const downgradeSchema = z.object({
  downgraded: z.boolean(),
  /** Those that are left. */
  corpora: z.array(z.string()),
  reason: z.string(),
});
export type Downgrade = z.infer<typeof downgradeSchema>;

export const matrixSearchResultSchema = z.object({
  /** Nearest first, or highest score first; ties by corpus, then id. */
  results: z.array(matrixHitSchema),
  /** Hits that each corpus gave before they were cut to `k`. */
  per_corpus_counts: z.record(z.string(), z.int().nonnegative()),
  /** Where the request names a model. */
  downgrade: downgradeSchema.exactOptional(),
});
export type MatrixSearchResult = z.infer<typeof matrixSearchResultSchema>;

export const corpusListSchema = z.object({ corpora: z.array(indexInfoSchema), count: z.int().nonnegative() });
export type CorpusList = z.infer<typeof corpusListSchema>;

/** Whatever else a chunk has comes back with it. */
export const chunkSchema = z.looseObject({ id: z.string(), text: textSchema });
export type Chunk = z.infer<typeof chunkSchema>;

/** Deeper JSON can be parsed but not written: V8 writes it recursively. */
const CHUNK_DEPTH_MAX = 128;

const askedChunkSchema = chunkSchema.refine(
  (chunk) => isNestedWithin(chunk, CHUNK_DEPTH_MAX),
  `expected at most ${CHUNK_DEPTH_MAX} lists and objects within each other`,
);

export const relevanceRequestSchema = z.strictObject({
  focus: textSchema,
  chunks: z.array(askedChunkSchema).max(CHUNKS_MAX),
  /** Least score that is kept. */
  threshold: z.number().min(0).max(1).exactOptional(),
});
export type RelevanceRequest = z.infer<typeof relevanceRequestSchema>;

export const weighedChunkSchema = chunkSchema.extend({ score: z.number().min(0).max(1) });
export type WeighedChunk = z.infer<typeof weighedChunkSchema>;

/** Both in the order given. */
export const relevanceResultSchema = z.object({
  kept: z.array(weighedChunkSchema),
  dropped: z.array(weighedChunkSchema),
});
export type RelevanceResult = z.infer<typeof relevanceResultSchema>;

export const recordPlaybookRequestSchema = z.strictObject({
  query_text: textSchema,
  answer_id: z.string().min(1).max(ID_LENGTH_MAX),
  answer_corpus: corpusSchema,
  /** How good the answer was; 0 takes an earlier praise back. */
  score: z.number().min(0).max(1),
  tags: z.array(z.string().min(1).max(TAG_LENGTH_MAX)).max(TAGS_MAX).default([]),
});
export type RecordPlaybookRequest = z.output<typeof recordPlaybookRequestSchema>;

/** That an answer served a query. */
export const playbookSchema = recordPlaybookRequestSchema.extend({ id: z.string(), recorded_at: timestampSchema });
export type Playbook = z.infer<typeof playbookSchema>;

export const recordPlaybookResultSchema = z.object({
  playbook: playbookSchema,
  /** Whether this answer was recorded for this query before; it is brought up to date. */
  existing: z.boolean(),
});
export type RecordPlaybookResult = z.infer<typeof recordPlaybookResultSchema>;

function hasQuery({ query_text, query_vector }: { query_text?: string; query_vector?: number[] }): boolean {
  return query_text !== undefined || query_vector !== undefined;
}

function isNestedWithin(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return levels > 0 && Object.values(value).every((part) => isNestedWithin(part, levels - 1));
}
