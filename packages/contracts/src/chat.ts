import { z } from "zod";
import { MODEL_LENGTH_MAX } from "./embed.ts";

/** Who answers, in the order in which they are listed. */
export const chatProviders = ["ollama", "ollama_cloud", "openrouter", "opencode", "kimi"] as const;
export type ChatProviderName = (typeof chatProviders)[number];

/** A model as a client names it: a tier, `<provider>/<model>`, a model with a cloud suffix, or a bare model of the local Ollama. */
export const modelNameSchema = z.string().trim().min(1).max(MODEL_LENGTH_MAX);

const messageSchema = z.strictObject({
  role: z.enum(["system", "user", "assistant"]),
  content: z.string(),
});

export const chatRequestSchema = z.strictObject({
  model: modelNameSchema,
  messages: z.array(messageSchema).min(1),
  temperature: z.number().min(0).max(2).exactOptional(),
  /** Of the answer. */
  max_tokens: z.int().positive().exactOptional(),
  /** `json`: the answer is one JSON value. */
  format: z.literal("json").exactOptional(),
  /** Whether the model may think first; left out: it may not on Ollama, and others do as they please. */
  think: z.boolean().exactOptional(),
  stream: z.boolean().exactOptional(),
});
export type ChatRequest = z.infer<typeof chatRequestSchema>;

/** The last event of a stream before `[DONE]`. */
export const chatSummarySchema = z.object({
  /** As its provider names it: without the prefix or suffix that chose the provider. */
  model: z.string(),
  provider: z.enum(chatProviders),
  /** `stop`, `length`, or the provider's own word. */
  finish_reason: z.string(),
  /** 0 where the provider does not count. */
  input_tokens: z.int().nonnegative(),
  output_tokens: z.int().nonnegative(),
  latency_ms: z.number().nonnegative(),
});
export type ChatSummary = z.infer<typeof chatSummarySchema>;

export const chatResultSchema = chatSummarySchema.extend({ content: z.string() });
export type ChatResult = z.infer<typeof chatResultSchema>;

/** An event of a stream. */
export const chatDeltaSchema = z.object({ delta: z.string() });
export type ChatDelta = z.infer<typeof chatDeltaSchema>;

export const chatProvidersSchema = z.object({
  /** Those that are registered. */
  providers: z.array(z.enum(chatProviders)),
  default: z.enum(chatProviders),
  /** Those that kept failing, and are not asked for a while; left out where there are none. */
  cooling_down: z
    .array(
      z.object({
        provider: z.enum(chatProviders),
        /** In a row. */
        failures: z.int().positive(),
        /** Code of the last one. */
        code: z.string(),
        retry_after_seconds: z.int().nonnegative(),
      }),
    )
    .exactOptional(),
});
export type ChatProviders = z.infer<typeof chatProvidersSchema>;

export const chatModelsSchema = z.object({
  /** By tier. */
  tiers: z.record(
    z.string(),
    z.object({
      provider: z.enum(chatProviders),
      /** As that provider names it. */
      model: z.string(),
      /** Whether the provider is registered. */
      registered: z.boolean(),
    }),
  ),
  /** Models that search the whole matrix. */
  weak_models: z.array(z.string()),
});
export type ChatModels = z.infer<typeof chatModelsSchema>;
