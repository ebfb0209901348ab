import { setTimeout as delay } from "node:timers/promises";
import { answerJson, type UpstreamAnswer } from "@lakehouse/testing";

/** Long enough to be interrupted, far too long to be waited for. */
const SILENCE_MS = 60_000;

/** Ollama's `/api/chat` as it streams. The prompt says how it goes: `fail` breaks off, `wait` falls silent, else it is said back. */
export const answerChat: UpstreamAnswer = async ({ body }, response) => {
  const { model, messages } = JSON.parse(String(body)) as { model: string; messages: { content: string }[] };
  const prompt = messages.at(-1)!.content;
  if (model === "missing") return answerJson(response, 404, { error: `model '${model}' not found` });
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  const line = (value: object) => response.write(`${JSON.stringify({ model, ...value })}\n`);
  for (const content of ["You said: ", prompt]) line({ message: { role: "assistant", content }, done: false });
  if (prompt === "fail") return void response.write("\n", () => response.destroy());
  if (prompt === "wait") await Promise.race([delay(SILENCE_MS, undefined, { ref: false }), closed(response)]);
  const message = { role: "assistant", content: "" };
  line({ message, done: true, done_reason: "stop", prompt_eval_count: 3, eval_count: 5 });
  response.end();
};

function closed(response: { once(event: "close", listener: () => void): unknown }): Promise<void> {
  return new Promise((resolve) => response.once("close", resolve));
}
