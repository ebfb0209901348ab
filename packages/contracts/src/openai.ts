import { z } from "zod";
import { modelNameSchema } from "./chat.ts";
import { MODEL_LENGTH_MAX } from "./embed.ts";

/**
 * The shapes of OpenAI's API, as far as we read them: a field that is not named here passes as it is. Four of five providers speak
 * this, and so do the clients of `/chat/completions` and `/embeddings`.
 */

const tokensSchema = z.int().nonnegative();
/** Of a provider that may not count. */
const countedSchema = tokensSchema.catch(0);

const messageSchema = z.looseObject({ role: z.string() });
export type OpenaiMessage = z.infer<typeof messageSchema>;

export const completionRequestSchema = z.looseObject({
  model: modelNameSchema,
  messages: z.array(messageSchema).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
});
export type CompletionRequest = z.infer<typeof completionRequestSchema>;

export const completionUsageSchema = z.looseObject({
  prompt_tokens: countedSchema,
  completion_tokens: countedSchema,
});
export type CompletionUsage = z.infer<typeof completionUsageSchema>;

/** What a model says: whole in a completion, a piece of it in a chunk. */
const sayingSchema = z.looseObject({
  content: z.string().nullish(),
  refusal: z.string().nullish(),
  tool_calls: z.array(z.unknown()).nullish(),
});
export type Saying = z.infer<typeof sayingSchema>;

export const completionChoiceSchema = z.looseObject({ message: sayingSchema, finish_reason: z.string().nullish() });
export type CompletionChoice = z.infer<typeof completionChoiceSchema>;

export const completionSchema = z.looseObject({
  choices: z.array(completionChoiceSchema),
  usage: completionUsageSchema.nullish(),
});
export type Completion = z.infer<typeof completionSchema>;

export const chunkChoiceSchema = z.looseObject({ delta: sayingSchema, finish_reason: z.string().nullish() });
export type ChunkChoice = z.infer<typeof chunkChoiceSchema>;

export const completionChunkSchema = z.looseObject({
  choices: z.array(chunkChoiceSchema),
  usage: completionUsageSchema.nullish(),
});
export type CompletionChunk = z.infer<typeof completionChunkSchema>;

export const embeddingsRequestSchema = z.looseObject({
  input: z.union([z.string(), z.array(z.string())], {
    error: "expected a text or a list of texts; tokens are each model's own and not taken",
  }),
  /** The configured one where it is left out. */
  model: z.string().min(1).max(MODEL_LENGTH_MAX).exactOptional(),
  encoding_format: z.enum(["float", "base64"]).nullish(),
  dimensions: z.int().positive().nullish(),
});
export type EmbeddingsRequest = z.infer<typeof embeddingsRequestSchema>;

export const embeddingsSchema = z.object({
  object: z.literal("list"),
  data: z.array(
    z.object({
      object: z.literal("embedding"),
      index: z.int().nonnegative(),
      /** Numbers, or their float32 little-endian bytes in base64. */
      embedding: z.union([z.array(z.number()), z.base64()]),
    }),
  ),
  model: z.string(),
  usage: z.object({ prompt_tokens: tokensSchema, total_tokens: tokensSchema }),
});
export type Embeddings = z.infer<typeof embeddingsSchema>;

export const modelListSchema = z.object({
  object: z.literal("list"),
  data: z.array(z.object({ id: z.string(), object: z.literal("model"), created: z.int(), owned_by: z.string() })),
});
export type ModelList = z.infer<typeof modelListSchema>;

/** An error in that API's shape, with what every error of ours has beside it. */
export const openaiErrorSchema = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    /** The field at fault. */
    param: z.string().nullable(),
    code: z.string(),
  }),
  code: z.string(),
  request_id: z.string(),
  details: z.unknown().exactOptional(),
});
export type OpenaiError = z.infer<typeof openaiErrorSchema>;
