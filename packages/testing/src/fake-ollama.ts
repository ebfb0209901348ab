import { setTimeout as delay } from "node:timers/promises";
import { answerJson, type UpstreamAnswer } from "./fake-upstream.ts";

/** Long enough to be interrupted, far too long to be waited for. */
const SILENCE_MS = 60_000;

/**
 * Ollama's `/api/chat`, as it streams or at once. The prompt says how it goes: `fail` breaks off, `wait` falls silent, else it is
 * said back.
 */
export const answerChat: UpstreamAnswer = async ({ body }, response) => {
  const { model, messages, stream } = JSON.parse(String(body)) as Asked;
  const prompt = messages.at(-1)!.content;
  const end = { model, done: true, done_reason: "stop", prompt_eval_count: 3, eval_count: 5 };
  if (!stream) return answerJson(response, 200, { ...end, message: said(`You said: ${prompt}`) });
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  for (const piece of ["You said: ", prompt]) response.write(line({ model, message: said(piece), done: false }));
  if (prompt === "fail") return void response.write("\n", () => response.destroy());
  if (prompt === "wait") await Promise.race([delay(SILENCE_MS, undefined, { ref: false }), closed(response)]);
  response.end(line({ ...end, message: said("") }));
};

interface Asked {
  model: string;
  messages: { content: string }[];
  stream: boolean;
}

function said(content: string): object {
  return { role: "assistant", content };
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function closed(response: { once(event: "close", listener: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => response.once("close", resolve));
}
