import { chatModelsSchema, chatProvidersSchema, chatRequestSchema, chatResultSchema } from "../chat.ts";
import type { ErrorCode } from "../errors.ts";
import { completionRequestSchema, completionSchema, modelListSchema, openaiErrorSchema } from "../openai.ts";
import { jsonAnswer, jsonBody, textSchema } from "./content.ts";
import { providerErrors } from "./errors.ts";
import type { ApiRoute } from "./route.ts";

const chatErrors = [
  "provider_not_registered",
  "provider_busy",
  "empty_completion",
  ...providerErrors,
] as const satisfies ErrorCode[];

const messages = [{ role: "user", content: "Name three welding processes." }];
const events = (description: string) => ({ "text/event-stream": { schema: textSchema.meta({ description }) } });

export const chatRoutes: ApiRoute[] = [
  {
    method: "POST",
    path: "/v1/chat",
    service: "chatd",
    id: "chat",
    scope: "chat",
    summary: "Asks a model",
    description:
      "A tier of `[models]`, `<provider>/<model>`, a model with a cloud suffix, or a bare model of the local Ollama. A provider without a key is refused, never replaced.",
    body: jsonBody(chatRequestSchema, { model: "local_hot", messages }),
    answers: {
      200: {
        description: "The answer; with `stream` as it comes.",
        content: {
          "application/json": { schema: chatResultSchema },
          ...events(
            '`{"delta":"…"}` events, then one with the counts, then `[DONE]`; `event: error` where it fails on the way.',
          ),
        },
      },
    },
    errors: chatErrors,
  },
  {
    method: "GET",
    path: "/v1/chat/providers",
    service: "chatd",
    id: "listProviders",
    scope: "chat",
    summary: "Lists the providers that have a key",
    answers: { 200: jsonAnswer("Their names, the default one, and those that are given a rest.", chatProvidersSchema) },
    errors: [],
  },
  {
    method: "GET",
    path: "/v1/chat/models",
    service: "chatd",
    id: "listTiers",
    scope: "chat",
    summary: "Tells what each tier of models stands for",
    answers: { 200: jsonAnswer("The tiers, resolved.", chatModelsSchema) },
    errors: [],
  },
  {
    method: "POST",
    path: "/v1/chat/completions",
    service: "chatd",
    id: "createChatCompletion",
    scope: "chat",
    summary: "Asks a model, in the shape of OpenAI's API",
    description:
      "For any OpenAI SDK whose base URL is the gateway's `/v1`. Fields that are not named here pass to the provider.",
    body: jsonBody(completionRequestSchema, { model: "local_hot", messages }),
    answers: {
      200: {
        description: "A completion; with `stream` its chunks.",
        content: {
          "application/json": { schema: completionSchema },
          ...events("Chunks of a completion, then `[DONE]`."),
        },
      },
    },
    errors: chatErrors,
    errorShape: openaiErrorSchema,
  },
  {
    method: "GET",
    path: "/v1/models",
    service: "chatd",
    id: "listModels",
    scope: "chat",
    summary: "Lists the tiers that can be asked, in the shape of OpenAI's API",
    answers: { 200: jsonAnswer("The tiers whose provider has a key.", modelListSchema) },
    errors: [],
    errorShape: openaiErrorSchema,
  },
];
