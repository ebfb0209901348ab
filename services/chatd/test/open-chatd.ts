import type { ErrorBody } from "@lakehouse/contracts";
import { type ConfigOverrides, testPlatform } from "@lakehouse/server";
import { answerOf, serveApp } from "@lakehouse/testing";
import { buildApp } from "../src/app.ts";
import { openChat } from "../src/open-chat.ts";

export const keys = {
  OLLAMA_API_KEY: "sk-hush-ollama-cloud",
  OPENROUTER_API_KEY: "sk-hush-openrouter",
  OPENCODE_API_KEY: "sk-hush-opencode",
  KIMI_API_KEY: "sk-hush-kimi",
};

export const messages = [{ role: "user", content: "Say hello." }];

/** The service on a port of its own, as `main.ts` wires it: every provider is at this URL, and has its key. */
export async function openChatd(upstreamUrl: string, overrides: ConfigOverrides = {}, environment: object = keys) {
  const platform = testPlatform("chatd", {
    ...overrides,
    chatd: {
      ollama_url: upstreamUrl,
      ollama_cloud_url: upstreamUrl,
      openrouter_url: `${upstreamUrl}/api/v1`,
      opencode_url: `${upstreamUrl}/zen/v1`,
      kimi_url: `${upstreamUrl}/v1`,
      ...overrides.chatd,
    },
  });
  const { chat, close: closeChat } = openChat(platform, { ...environment });
  const app = buildApp(chat, platform);
  const served = await serveApp(app, closeChat);
  const { url } = served;
  const post = (path: string, body: unknown, init: RequestInit = {}) =>
    fetch(url + path, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body), ...init });
  /** With the usual messages, unless told. */
  const chatWith = (body: object, init?: RequestInit) => post("/chat", { messages, ...body }, init);
  const get = async (path: string) => (await fetch(url + path)).json();
  return { ...served, app, post, chat: chatWith, get };
}

/** Status, code and the rest of an answer that has to be an error. */
export async function refused(answered: Response | Promise<Response>) {
  const { status, headers, body } = await answerOf(answered);
  return { status, retryAfter: headers.get("retry-after"), ...(body as ErrorBody) };
}

export interface StreamEvent {
  event: string;
  /** Parsed, but for `[DONE]`. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into events of any shape, and fails where one is not there.
  data: any;
}

/** All events of a stream, once it has ended. */
export async function eventsOf(answer: Response | Promise<Response>): Promise<StreamEvent[]> {
  const text = await (await answer).text();
  return text
    .split("\n\n")
    .filter((block) => block !== "")
    .map((block) => {
      const [, name = "message"] = /^event: (.*)$/m.exec(block) ?? [];
      const [, data = ""] = /^data: (.*)$/m.exec(block) ?? [];
      return { event: name, data: data === "[DONE]" ? data : JSON.parse(data) };
    });
}
