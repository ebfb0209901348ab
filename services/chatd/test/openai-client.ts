import { answerJson, type UpstreamAnswer } from "@lakehouse/testing";
import { askedOf, event, line, startFakeModels } from "@lakehouse/testing/chat-models";
import OpenAI from "openai";
import type { ChatCompletionCreateParamsNonStreaming, ChatCompletionTool } from "openai/resources/chat/completions";
import { openChatd } from "./open-chatd.ts";

export const messages = [{ role: "user" as const, content: "Say hello." }];

export const weather: ChatCompletionTool = {
  type: "function",
  function: {
    name: "weather",
    description: "Of a city.",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
export const inZurich = { city: "Zürich" };

export async function open(manners: Record<string, UpstreamAnswer> = {}) {
  const upstream = await startFakeModels(manners);
  const chatd = await openChatd(upstream.url);
  const client = new OpenAI({ baseURL: chatd.url, apiKey: "none", maxRetries: 0 });
  const close = async () => {
    await chatd[Symbol.asyncDispose]();
    await upstream.close();
  };
  const create = (body: Partial<ChatCompletionCreateParamsNonStreaming>) =>
    client.chat.completions.create({ model: "m", messages, ...body });
  return { upstream, chatd, client, create, [Symbol.asyncDispose]: close };
}

/** A model that wants to know the weather, on either wire, streamed or not. */
export const callsTheWeather: UpstreamAnswer = (request, response) => {
  const { stream } = askedOf(request);
  const text = JSON.stringify(inZurich);
  if (request.url === "/api/chat") {
    const message = {
      role: "assistant",
      content: "",
      tool_calls: [{ function: { name: "weather", arguments: inZurich } }],
    };
    const done = { done: true, done_reason: "stop", prompt_eval_count: 7, eval_count: 3 };
    if (!stream) return answerJson(response, 200, { message, ...done });
    return void response.end(line({ message, done: false }) + line({ message: { content: "" }, ...done }));
  }
  const call = { id: "call-1", type: "function", function: { name: "weather", arguments: text } };
  const end = { index: 0, finish_reason: "tool_calls" };
  if (!stream) {
    const message = { role: "assistant", content: null, tool_calls: [call] };
    return answerJson(response, 200, { id: "gen-1", object: "chat.completion", choices: [{ ...end, message }] });
  }
  const pieces = [
    {
      role: "assistant",
      content: null,
      tool_calls: [{ index: 0, ...call, function: { name: "weather", arguments: "" } }],
    },
    { tool_calls: [{ index: 0, function: { arguments: text.slice(0, 5) } }] },
    { tool_calls: [{ index: 0, function: { arguments: text.slice(5) } }] },
  ];
  const events = pieces.map((delta) => event({ choices: [{ index: 0, delta, finish_reason: null }] }));
  response.end(`${events.join("")}${event({ choices: [{ ...end, delta: {} }] })}data: [DONE]\n\n`);
};
