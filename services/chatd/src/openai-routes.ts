import { type CompletionRequest, completionRequestSchema, type ModelList } from "@lakehouse/contracts";
import { parseRequest } from "@lakehouse/core";
import { addOpenaiErrors, type Logger, openaiErrorBody, requestContext } from "@lakehouse/server";
import type { FastifyInstance } from "fastify";
import type { Chat } from "./chat.ts";
import { sendEvents } from "./event-stream.ts";
import { chunksOf, completionOf, type Labels } from "./openai-representation.ts";
import type { Prompt } from "./providers/chat-provider.ts";

/** What OpenAI's clients ask for, refused in the shape that they read. */
export function addOpenaiRoutes(app: FastifyInstance, chat: Chat, logger: Logger): void {
  app.register((scope, _options, done) => {
    addOpenaiErrors(scope, logger);

    scope.post("/chat/completions", async (request, reply) => {
      const asked = parseRequest(completionRequestSchema, request.body);
      const context = requestContext(request, reply);
      const labels: Labels = { id: `chatcmpl-${request.id}`, model: asked.model };
      if (!asked.stream) return completionOf(await chat.complete(promptOf(asked), context), labels);
      const hasUsage = asked.stream_options?.include_usage === true;
      const values = chunksOf(chat.stream(promptOf(asked), context), labels, hasUsage);
      return sendEvents(reply, values, { request, logger, render: openaiErrorBody });
    });

    scope.get("/models", async () => modelList(chat));
    done();
  });
}

/** `think` is no field of OpenAI's, but clients can send it, and each provider has its own for it. */
function promptOf({ model, stream: _, stream_options: __, think, ...body }: CompletionRequest): Prompt {
  return { model, body, think: typeof think === "boolean" ? think : undefined };
}

/** The tiers that can be asked. */
function modelList(chat: Chat): ModelList {
  const tiers = Object.entries(chat.models().tiers).filter(([, { registered }]) => registered);
  const data = tiers.map(([id, { provider }]) => ({ id, object: "model" as const, created: 0, owned_by: provider }));
  return { object: "list", data };
}
