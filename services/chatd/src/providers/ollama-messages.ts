import type { OpenaiMessage } from "@lakehouse/contracts";
import { LakehouseError, parseRequest } from "@lakehouse/core";
import { z } from "zod";

const partSchema = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("text"), text: z.string() }),
  z.looseObject({ type: z.literal("image_url"), image_url: z.looseObject({ url: z.string() }) }),
]);
type Part = z.infer<typeof partSchema>;

const toolCallSchema = z.looseObject({
  id: z.string().exactOptional(),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
});
type ToolCall = z.infer<typeof toolCallSchema>;

const messageSchema = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(partSchema)]).nullish(),
  tool_calls: z.array(toolCallSchema).nullish(),
  tool_call_id: z.string().nullish(),
});
type Message = z.infer<typeof messageSchema>;

const messagesSchema = z.object({ messages: z.array(messageSchema) });

/**
 * OpenAI's messages as Ollama takes them: content is one text, images stand beside it in base64, a tool's result names its tool.
 * @throws LakehouseError `invalid_request` for a message that is none, an image that would have to be fetched, arguments that are no JSON
 */
export function toOllamaMessages(given: readonly OpenaiMessage[]): object[] {
  const { messages } = parseRequest(messagesSchema, { messages: given });
  const toolNames = new Map(messages.flatMap(({ tool_calls: calls }) => (calls ?? []).map(namedCall)));
  return messages.map((message) => toOllamaMessage(message, toolNames));
}

function toOllamaMessage(message: Message, toolNames: ReadonlyMap<string, string>): object {
  const { role, content, tool_calls: calls, tool_call_id: callId } = message;
  const parts: Part[] = typeof content === "string" ? [{ type: "text", text: content }] : (content ?? []);
  const images = parts.flatMap((part) => (part.type === "image_url" ? [imageBytes(part.image_url.url)] : []));
  const toolName = callId ? toolNames.get(callId) : undefined;
  return {
    role: role === "developer" ? "system" : role,
    content: parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n"),
    ...(images.length > 0 ? { images } : {}),
    ...(calls?.length ? { tool_calls: calls.map(toOllamaToolCall) } : {}),
    ...(toolName === undefined ? {} : { tool_name: toolName }),
  };
}

function namedCall({ id = "", function: { name } }: ToolCall): [string, string] {
  return [id, name];
}

/** Base64 out of a data URL. */
function imageBytes(url: string): string {
  const [, base64] = /^data:image\/[\w.+-]+;base64,(.+)$/s.exec(url) ?? [];
  if (base64 !== undefined) return base64;
  throw new LakehouseError("invalid_request", "Ollama takes images as data URLs in base64, and fetches none.");
}

function toOllamaToolCall({ function: { name, arguments: text } }: ToolCall): object {
  try {
    return { function: { name, arguments: JSON.parse(text) } };
  } catch {
    throw new LakehouseError("invalid_request", `The arguments of the call of ${JSON.stringify(name)} are not JSON.`);
  }
}
