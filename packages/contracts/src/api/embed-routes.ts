import { embedRequestSchema, embedResultSchema, embedStatsSchema } from "../embed.ts";
import { embeddingsRequestSchema, embeddingsSchema, openaiErrorSchema } from "../openai.ts";
import { jsonAnswer, jsonBody } from "./content.ts";
import { providerErrors } from "./errors.ts";
import type { ApiRoute } from "./route.ts";

export const embedRoutes: ApiRoute[] = [
  {
    method: "POST",
    path: "/v1/embed",
    service: "embedd",
    id: "embedTexts",
    scope: "embed",
    summary: "Makes vectors of texts",
    body: jsonBody(embedRequestSchema, { texts: ["a welder in Chicago", "a forklift operator"] }),
    answers: { 200: jsonAnswer("A vector a text, in their order, each of length 1.", embedResultSchema) },
    errors: [...providerErrors],
  },
  {
    method: "GET",
    path: "/v1/embed/stats",
    service: "embedd",
    id: "getEmbedStats",
    scope: "embed",
    summary: "Tells how the cache of vectors does",
    answers: { 200: jsonAnswer("Since the service started.", embedStatsSchema) },
    errors: [],
  },
  {
    method: "POST",
    path: "/v1/embeddings",
    service: "embedd",
    id: "createEmbeddings",
    scope: "embed",
    summary: "Makes vectors of texts, in the shape of OpenAI's API",
    description: "For any OpenAI SDK whose base URL is the gateway's `/v1`.",
    body: jsonBody(embeddingsRequestSchema, { input: ["a welder in Chicago"] }),
    answers: { 200: jsonAnswer("A vector a text, as numbers or in base64.", embeddingsSchema) },
    errors: [...providerErrors],
    errorShape: openaiErrorSchema,
  },
];
