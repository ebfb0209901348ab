import { parseRequest } from "@lakehouse/core";
import { z } from "zod";
import type { Prompt } from "./chat-provider.ts";

const numberSchema = z.number().nullish();

/** What of a completion's request Ollama has words for; the rest (`logit_bias`, `user`, …) it has not, and does without. */
const optionsSchema = z.looseObject({
  temperature: numberSchema,
  top_p: numberSchema,
  seed: numberSchema,
  presence_penalty: numberSchema,
  frequency_penalty: numberSchema,
  max_tokens: numberSchema,
  max_completion_tokens: numberSchema,
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  reasoning_effort: z.string().nullish(),
  response_format: z
    .discriminatedUnion("type", [
      z.looseObject({ type: z.literal("text") }),
      z.looseObject({ type: z.literal("json_object") }),
      z.looseObject({ type: z.literal("json_schema"), json_schema: z.looseObject({ schema: z.unknown() }) }),
    ])
    .nullish(),
  tools: z.array(z.unknown()).nullish(),
  tool_choice: z.unknown().optional(),
});
type Options = z.infer<typeof optionsSchema>;

/** All of Ollama's request but model, messages and stream. `think` is always said: left out, each model would do as it likes. */
export function toOllamaOptions(body: Prompt["body"], think: boolean | undefined): object {
  const asked = parseRequest(optionsSchema, body);
  const options = samplingOf(asked);
  const format = formatOf(asked);
  const hasTools = Boolean(asked.tools?.length) && asked.tool_choice !== "none";
  return {
    think: think ?? thinkOf(asked),
    ...(format === undefined ? {} : { format }),
    ...(hasTools ? { tools: asked.tools } : {}),
    ...(Object.keys(options).length > 0 ? { options } : {}),
  };
}

/** Under Ollama's names, without what is not set. */
function samplingOf(asked: Options): object {
  const { temperature, top_p, seed, presence_penalty, frequency_penalty, stop } = asked;
  const num_predict = asked.max_completion_tokens ?? asked.max_tokens;
  const stops = typeof stop === "string" ? [stop] : stop;
  const all = { temperature, top_p, seed, presence_penalty, frequency_penalty, num_predict, stop: stops };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== null));
}

function formatOf({ response_format: format }: Options): unknown {
  if (format?.type === "json_object") return "json";
  return format?.type === "json_schema" ? format.json_schema.schema : undefined;
}

/** Not, unless an effort is named: Ollama knows the names of efforts too. */
function thinkOf({ reasoning_effort: effort }: Options): boolean | string {
  return effort === undefined || effort === null || effort === "none" ? false : effort;
}
