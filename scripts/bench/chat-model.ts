/** A model that takes no time: an API like OpenAI's as a process of its own. It prints its URL. A stream says a word every so often. */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { EVENTS, EVERY_MS } from "./chat-load.ts";

const usage = { prompt_tokens: 20, completion_tokens: 100, total_tokens: 120 };
const content = "All work and no play makes Jack a dull boy. ".repeat(10);
const message = { role: "assistant", content };
const whole = { id: "1", object: "chat.completion", created: 1, model: "m", usage };
const answer = JSON.stringify({ ...whole, choices: [{ index: 0, message, finish_reason: "stop" }] });
const piece = event({ choices: [{ index: 0, delta: { content: "word " }, finish_reason: null }] });
const end = `${event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })}${event({ choices: [], usage })}data: [DONE]\n\n`;

const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on("data", (bytes) => pieces.push(bytes));
  request.on("end", () => {
    if (Buffer.concat(pieces).includes('"stream":true')) speak(response);
    else response.writeHead(200, { "content-type": "application/json", "content-length": answer.length }).end(answer);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

function speak(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  let said = 0;
  const saying = setInterval(() => {
    if (said++ < EVENTS) return void response.write(piece);
    clearInterval(saying);
    response.end(end);
  }, EVERY_MS);
  response.on("close", () => clearInterval(saying));
}

function event(value: object): string {
  return `data: ${JSON.stringify({ id: "1", object: "chat.completion.chunk", created: 1, model: "m", ...value })}\n\n`;
}
