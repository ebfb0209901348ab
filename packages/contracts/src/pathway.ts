import { z } from "zod";
import { timestampSchema } from "./common.ts";

/** Longest uid, namespace or tag, in characters. */
export const TRACE_NAME_LENGTH_MAX = 256;
export const TRACE_TAGS_MAX = 64;
export const QUERY_LENGTH_MAX = 4_096;
export const SEARCH_LIMIT_MAX = 1_000;
const SEARCH_LIMIT_DEFAULT = 20;
export const DEFAULT_NAMESPACE = "default";

/** A uid, a namespace or a tag: text that can stand in a URL and on a line of its own. */
const traceNameSchema = z
  .string()
  .min(1)
  .max(TRACE_NAME_LENGTH_MAX)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, "has a control character, or half of a surrogate pair");

const tagsSchema = z.array(traceNameSchema).max(TRACE_TAGS_MAX);

/** Any JSON, null too, passed on by reference so that no key of it is lost or means anything. */
const contentSchema = z.custom<unknown>((value) => value !== undefined, "expected any JSON value");

/** RFC 3339 with any offset. */
const momentSchema = z.iso.datetime({ offset: true });

/** `updated_at` moves with whatever happens to the trace; `version` counts its contents. */
export const traceSchema = z.object({
  uid: z.string(),
  namespace: z.string(),
  content: z.unknown(),
  tags: z.array(z.string()),
  created_at: timestampSchema,
  updated_at: timestampSchema,
  predecessor_uid: z.string().nullable(),
  replay_count: z.int().nonnegative(),
  retired: z.boolean(),
  version: z.int().positive(),
});
export type Trace = z.infer<typeof traceSchema>;

export const addTraceRequestSchema = z.strictObject({
  /** A UUID where it is left out. */
  uid: traceNameSchema.exactOptional(),
  content: contentSchema,
  tags: tagsSchema.default([]),
  namespace: traceNameSchema.default(DEFAULT_NAMESPACE),
});
export type AddTraceRequest = z.output<typeof addTraceRequestSchema>;

/** Content may be left out where the uid is there already. */
export const addIdempotentRequestSchema = addTraceRequestSchema
  .extend({ content: contentSchema.exactOptional() })
  .refine(({ uid, content }) => uid !== undefined || content !== undefined, "expected a uid, a content, or both");
export type AddIdempotentRequest = z.output<typeof addIdempotentRequestSchema>;

/** Tags that are left out stay as they are. */
export const updateTraceRequestSchema = z.strictObject({
  uid: traceNameSchema,
  content: contentSchema,
  tags: tagsSchema.exactOptional(),
});
export type UpdateTraceRequest = z.infer<typeof updateTraceRequestSchema>;

/** Tags that are left out are those of the predecessor. */
export const reviseTraceRequestSchema = updateTraceRequestSchema;
export type ReviseTraceRequest = z.infer<typeof reviseTraceRequestSchema>;

export const retireTraceRequestSchema = z.strictObject({ uid: traceNameSchema });
export type RetireTraceRequest = z.infer<typeof retireTraceRequestSchema>;

export const traceResultSchema = z.object({ trace: traceSchema });
export type TraceResult = z.infer<typeof traceResultSchema>;

export const addIdempotentResultSchema = z.object({ trace: traceSchema, existing: z.boolean() });
export type AddIdempotentResult = z.infer<typeof addIdempotentResultSchema>;

/** Newest first. */
export const traceHistorySchema = z.object({ traces: z.array(traceSchema) });
export type TraceHistory = z.infer<typeof traceHistorySchema>;

export const traceSearchRequestSchema = z.strictObject({
  /** Any of its words; empty or left out: every trace, newest first. */
  query: z.string().max(QUERY_LENGTH_MAX).default(""),
  /** All of them. */
  tags: tagsSchema.default([]),
  /** Somewhere in the content's text, in whichever case. */
  content_contains: z.string().max(QUERY_LENGTH_MAX).default(""),
  /** Nothing happened to it before: `updated_at` is not earlier. */
  since: momentSchema.exactOptional(),
  include_retired: z.boolean().default(false),
  namespace: traceNameSchema.default(DEFAULT_NAMESPACE),
  limit: z.int().min(1).max(SEARCH_LIMIT_MAX).default(SEARCH_LIMIT_DEFAULT),
  explain: z.boolean().default(false),
  /** The memory as it stood at the end of this second, millisecond or microsecond, whichever it is written to. */
  as_of: momentSchema.exactOptional(),
});
export type TraceSearchRequest = z.output<typeof traceSearchRequestSchema>;

/** BM25: `score` is the sum of the terms' scores, or that of `superseded_by` where it is lower. */
export const scoreExplanationSchema = z.object({
  bm25: z.number(),
  /** Traces of the namespace that were weighed, and the mean of their lengths in words. */
  traces: z.int().nonnegative(),
  mean_length: z.number(),
  length: z.int().nonnegative(),
  terms: z.array(
    z.object({ term: z.string(), count: z.int(), traces_with_term: z.int(), idf: z.number(), score: z.number() }),
  ),
  /** The successor that this trace stands below. */
  superseded_by: z.string().nullable(),
  /** What decides between equal scores: the later first. */
  recency: timestampSchema,
});
export type ScoreExplanation = z.infer<typeof scoreExplanationSchema>;

export const traceSearchResultSchema = z.object({
  results: z.array(
    z.object({ trace: traceSchema, score: z.number(), explanation: scoreExplanationSchema.exactOptional() }),
  ),
});
export type TraceSearchResult = z.infer<typeof traceSearchResultSchema>;

export const pathwayStatsSchema = z.object({
  traces: z.int().nonnegative(),
  retired: z.int().nonnegative(),
  /** Retired by a successor. */
  superseded: z.int().nonnegative(),
  /** Contents of all traces, earlier ones included. */
  versions: z.int().nonnegative(),
  replays: z.int().nonnegative(),
  namespaces: z.int().nonnegative(),
  log: z.object({
    bytes: z.int().nonnegative(),
    /** What the next compaction gives back, about. */
    garbage_bytes: z.int().nonnegative(),
    rejected_lines: z.int().nonnegative(),
    /** Since the service started. */
    compactions: z.int().nonnegative(),
  }),
});
export type PathwayStats = z.infer<typeof pathwayStatsSchema>;
