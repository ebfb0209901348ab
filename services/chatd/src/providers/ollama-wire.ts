import { randomUUID } from "node:crypto";
import { checkAnswer, type ProviderErrors, parseAnswer } from "@lakehouse/clients/provider";
import type { Completion, CompletionChunk, CompletionUsage, Saying } from "@lakehouse/contracts";
import { z } from "zod";
import type { Prompt } from "./chat-provider.ts";
import { toOllamaMessages } from "./ollama-messages.ts";
import { toOllamaOptions } from "./ollama-options.ts";
import type { Wire } from "./wire.ts";

const countSchema = z.int().nonnegative().catch(0);

const toolCallSchema = z.looseObject({
  function: z.looseObject({ name: z.string(), arguments: z.unknown().optional() }),
});

/** An answer, or a line of a stream. The last line has `done` and the counts. */
const answerSchema = z.looseObject({
  message: z
    .looseObject({
      content: z.string().nullish(),
      thinking: z.string().nullish(),
      tool_calls: z.array(toolCallSchema).nullish(),
    })
    .default({}),
  done: z.boolean().default(false),
  done_reason: z.string().nullish(),
  prompt_eval_count: countSchema.default(0),
  eval_count: countSchema.default(0),
});
type Answer = z.infer<typeof answerSchema>;

/** Ollama's own `/api/chat`, here or in its cloud: the one API of it that can be told whether to think on every version. */
export class OllamaWire implements Wire {
  readonly path = "/api/chat";

  body({ model, body, think }: Prompt, stream: boolean): object {
    return { model, messages: toOllamaMessages(body.messages), stream, ...toOllamaOptions(body, think) };
  }

  completion(given: unknown, errors: ProviderErrors): Completion {
    const answer = checkAnswer(answerSchema, given, errors, "a completion");
    const message = sayingOf(answer, 0);
    const reason = finishReasonOf(answer, message.tool_calls?.length ?? 0);
    return { choices: [{ index: 0, message, finish_reason: reason }], usage: usageOf(answer) };
  }

  /** A line of JSON a piece. @throws LakehouseError where the stream ends before a line says `done` */
  async *chunks(lines: AsyncIterable<string>, errors: ProviderErrors): AsyncGenerator<CompletionChunk> {
    let toolCalls = 0;
    for await (const line of lines) {
      if (line === "") continue;
      const answer = checkAnswer(answerSchema, parseAnswer(line, errors), errors, "a completion");
      const delta = sayingOf(answer, toolCalls);
      toolCalls += delta.tool_calls?.length ?? 0;
      const reason = answer.done ? finishReasonOf(answer, toolCalls) : null;
      const choice = { index: 0, delta, finish_reason: reason };
      yield { choices: [choice], ...(answer.done ? { usage: usageOf(answer) } : {}) };
      if (answer.done) return;
    }
    throw errors.badAnswer("a stream that ends before its answer does");
  }
}

/** @param toolCallsBefore in the same stream: each has its place among all of them */
function sayingOf({ message }: Answer, toolCallsBefore: number): Saying {
  const { content, thinking, tool_calls: calls } = message;
  const toolCalls = calls?.map((call, place) => toOpenaiToolCall(call, toolCallsBefore + place)) ?? [];
  return {
    role: "assistant",
    content: content ?? "",
    ...(thinking ? { reasoning: thinking } : {}),
    ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
  };
}

/** Ollama gives arguments as an object and calls no name of their own. */
function toOpenaiToolCall({ function: { name, arguments: given } }: z.infer<typeof toolCallSchema>, index: number) {
  const id = `call_${randomUUID().replaceAll("-", "")}`;
  return { index, id, type: "function", function: { name, arguments: JSON.stringify(given ?? {}) } };
}

function finishReasonOf({ done_reason: reason }: Answer, toolCalls: number): string {
  return toolCalls > 0 ? "tool_calls" : (reason ?? "stop");
}

function usageOf({ prompt_eval_count: input, eval_count: output }: Answer): CompletionUsage {
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}
