import {
  type ChatDelta,
  type ChatRequest,
  type ChatResult,
  type ChatSummary,
  chatRequestSchema,
} from "@lakehouse/contracts";
import { parseRequest } from "@lakehouse/core";
import { errorBody, type Logger, requestContext } from "@lakehouse/server";
import type { FastifyInstance } from "fastify";
import type { Chat, ChatAnswer, ChatEvent } from "./chat.ts";
import { sendEvents } from "./event-stream.ts";
import type { Prompt } from "./providers/chat-provider.ts";

export function addRoutes(app: FastifyInstance, chat: Chat, logger: Logger): void {
  app.post("/chat", async (request, reply) => {
    const asked = parseRequest(chatRequestSchema, request.body);
    const context = requestContext(request, reply);
    if (!asked.stream) return resultOf(await chat.complete(promptOf(asked), context));
    const values = deltasOf(chat.stream(promptOf(asked), context));
    return sendEvents(reply, values, { request, logger, render: errorBody });
  });

  app.get("/chat/providers", async () => chat.providers());

  app.get("/chat/models", async () => chat.models());
}

function promptOf({ model, messages, temperature, max_tokens, format, think }: ChatRequest): Prompt {
  const body = {
    messages,
    ...(temperature === undefined ? {} : { temperature }),
    ...(max_tokens === undefined ? {} : { max_tokens }),
    ...(format === undefined ? {} : { response_format: { type: "json_object" } }),
  };
  return { model, body, think };
}

function resultOf({ completion, summary }: ChatAnswer): ChatResult {
  const { message } = completion.choices[0]!;
  return { ...summary, content: message.content || message.refusal || "" };
}

/** The words of an answer as they come, then its summary. Of what a model thinks nothing is shown. */
async function* deltasOf(events: AsyncIterable<ChatEvent>): AsyncGenerator<ChatDelta | ChatSummary> {
  for await (const event of events) {
    if ("summary" in event) yield event.summary;
    else for (const { delta } of event.chunk.choices) yield* deltaOf(delta.content || delta.refusal);
  }
}

function* deltaOf(text: string | null | undefined): Generator<ChatDelta> {
  if (text) yield { delta: text };
}
