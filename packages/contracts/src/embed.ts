import { z } from "zod";
import { numbersSchema } from "./vector.ts";

export const embeddingProviders = ["hashing", "ollama", "openai"] as const;
export type EmbeddingProviderName = (typeof embeddingProviders)[number];

/** Longest name of a model, in characters. */
export const MODEL_LENGTH_MAX = 256;

/** How many texts a request may have, and how long each may be, is the service's configuration. */
export const embedRequestSchema = z.strictObject({
  texts: z.array(z.string().min(1)).min(1),
  /** The configured one where it is left out. */
  model: z.string().min(1).max(MODEL_LENGTH_MAX).exactOptional(),
});
export type EmbedRequest = z.infer<typeof embedRequestSchema>;

/** A vector a text, in the order of the texts: float32, of length 1. */
export const embedResultSchema = z.object({
  model: z.string(),
  dimension: z.int().positive(),
  vectors: z.array(numbersSchema),
});
export type EmbedResult = z.infer<typeof embedResultSchema>;

/** Since the service started. A text that waits for another request's answer is a miss too. */
export const embedStatsSchema = z.object({
  /** Whether there is a cache. */
  enabled: z.boolean(),
  hits: z.int().nonnegative(),
  misses: z.int().nonnegative(),
  /** 0 while nothing was asked. */
  hit_rate: z.number().min(0).max(1),
  size: z.int().nonnegative(),
  capacity: z.int().nonnegative(),
  provider: z.enum(embeddingProviders),
  /** Used where a request names none. */
  model: z.string(),
  /** Of that model; null until its first good answer where it is not configured. */
  dimension: z.int().positive().nullable(),
});
export type EmbedStats = z.infer<typeof embedStatsSchema>;
