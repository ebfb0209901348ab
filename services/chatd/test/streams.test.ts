import { once } from "node:events";
import { type IncomingMessage, request as openRequest, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { errorBodySchema } from "@lakehouse/contracts";
import { eventually, type UpstreamAnswer, type UpstreamRequest } from "@lakehouse/testing";
import { answerWell, isOllama, piece, startFakeModels, streamEnd, streamType } from "@lakehouse/testing/chat-models";
import { describe, expect, it } from "vitest";
import { HttpProvider } from "../src/providers/http-provider.ts";
import { OllamaWire } from "../src/providers/ollama-wire.ts";
import { eventsOf, messages, openChatd } from "./open-chatd.ts";

/** A stream of two words that then goes on as told. */
const afterTwoWords = (rest: (request: UpstreamRequest, response: ServerResponse) => void): UpstreamAnswer => {
  return (request, response) => {
    response.writeHead(200, { "content-type": streamType(request) });
    response.write(piece(request, "Hel"));
    response.write(piece(request, "lo"), () => rest(request, response));
  };
};
const errorPiece = (request: UpstreamRequest) =>
  isOllama(request) ? '{"error":"out of memory"}\n' : 'data: {"error":{"message":"out of memory","code":502}}\n\n';

describe.each([
  ["ollama", "m"],
  ["openrouter", "openrouter/m"],
])("a stream of %s", (provider, model) => {
  async function stream(answer: UpstreamAnswer, timeout = 10_000) {
    await using upstream = await startFakeModels({ m: answer });
    await using chatd = await openChatd(upstream.url, { chatd: { timeout } });
    return await eventsOf(chatd.chat({ model, stream: true }));
  }

  it.each<[string, UpstreamAnswer, string]>([
    ["ends early", afterTwoWords((_request, response) => response.end()), "bad_upstream_answer"],
    ["breaks off", afterTwoWords((_request, response) => response.destroy()), "upstream_unavailable"],
    [
      "ends within a piece",
      afterTwoWords((_, response) => response.end('data: {"choices":[{"del')),
      "bad_upstream_answer",
    ],
    ["tells an error", afterTwoWords((request, response) => response.end(errorPiece(request))), "upstream_error"],
    ["falls silent", afterTwoWords(() => {}), "upstream_timeout"],
  ])("that %s is an error event, and never [DONE]", async (_how, answer, code) => {
    const events = await stream(answer, 500);
    expect(events.slice(0, 2).map(({ data }) => data)).toEqual([{ delta: "Hel" }, { delta: "lo" }]);
    expect(events).toHaveLength(3);
    const [failure] = events.slice(-1);
    expect(failure?.event).toBe("error");
    expect(errorBodySchema.parse(failure?.data)).toMatchObject({ code, details: { provider } });
  });

  it("ends for the client when it has told its end, whatever its connection does", async () => {
    const events = await stream(afterTwoWords((request, response) => response.write(streamEnd(request))));
    expect(events.map(({ data }) => data.delta ?? data.finish_reason ?? data)).toEqual(["Hel", "lo", "stop", "[DONE]"]);
  });

  it("leaves its connection for the next", async () => {
    const connections = new Set<unknown>();
    await using upstream = await startFakeModels({
      m: (request, response) => {
        connections.add(response.socket);
        return answerWell(request, response);
      },
    });
    await using chatd = await openChatd(upstream.url);
    for (let count = 0; count < 5; count++) await eventsOf(chatd.chat({ model, stream: true }));
    expect(connections.size).toBe(1);
  });

  it("is passed on word by word, though the next is far off", async () => {
    const held = Promise.withResolvers<() => void>();
    await using upstream = await startFakeModels({
      m: afterTwoWords((request, response) => held.resolve(() => response.end(streamEnd(request)))),
    });
    await using chatd = await openChatd(upstream.url);
    const response = await chatd.chat({ model, stream: true });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let received = "";
    while (!received.includes('{"delta":"lo"}')) received += (await reader.read()).value;
    (await held.promise)(); // only now does the model say more
    while (!received.includes("[DONE]")) received += (await reader.read()).value;
    expect(received).toMatch(
      /^data: {"delta":"Hel"}\n\ndata: {"delta":"lo"}\n\ndata: {"model":.*}\n\ndata: \[DONE\]\n\n$/,
    );
  });

  it.each([true, false])("or a call whose client leaves is cancelled upstream: stream %s", async (isStream) => {
    let isCut = false;
    await using upstream = await startFakeModels({
      m: (_, response) => void response.on("close", () => (isCut = true)),
    });
    await using chatd = await openChatd(upstream.url);
    const leave = new AbortController();
    const answer = chatd.chat({ model, stream: isStream }, { signal: leave.signal }).catch(() => "left");
    await eventually("the model is asked", () => upstream.requests.length === 1);
    leave.abort();
    expect(await answer).toBe("left");
    await eventually("the upstream call is cut", () => isCut);
    await eventually("and counted so", async () => {
      const metrics = await (await fetch(`${chatd.url}/metrics`)).text();
      return metrics.includes(`provider="${provider}",model="m",outcome="given_up"`);
    });
  });

  it("whose client leaves amid it is cancelled upstream", async () => {
    let isCut = false;
    const answer = afterTwoWords((_request, response) => response.on("close", () => (isCut = true)));
    await using upstream = await startFakeModels({ m: answer });
    await using chatd = await openChatd(upstream.url);
    const response = await chatd.chat({ model, stream: true });
    await response.body!.cancel();
    await eventually("the upstream call is cut", () => isCut);
  });
});

describe("a client that does not read", () => {
  const PIECES = 1_000;

  /** A model that has much to say, and a client who has the head of its answer; both stand still. */
  async function openFlood() {
    await using opened = new AsyncDisposableStack();
    let written = 0;
    const flood: UpstreamAnswer = async (request, response) => {
      for (; written < PIECES; written++) {
        if (!response.write(piece(request, "x".repeat(20_000)))) await new Promise((go) => response.once("drain", go));
      }
      response.end(streamEnd(request));
    };
    const upstream = opened.use(await startFakeModels({ m: flood }));
    const chatd = opened.use(await openChatd(upstream.url));
    const client = openRequest(`${chatd.url}/chat`, {
      method: "POST",
      headers: { "content-type": "application/json" },
    });
    client.end(JSON.stringify({ model: "m", messages, stream: true }));
    const [answer] = (await once(client, "response")) as [IncomingMessage];
    await stalled(() => written);
    expect(written).toBeLessThan(PIECES);
    const running = opened.move();
    return { chatd, answer, written: () => written, [Symbol.asyncDispose]: () => running.disposeAsync() };
  }

  it("makes the model wait, and gets every word when it reads on", async () => {
    await using flood = await openFlood();
    expect(await text(flood.answer)).toMatch(/data: \[DONE\]\n\n$/);
    expect(flood.written()).toBe(PIECES);
  });

  it("and leaves, leaves nothing behind", async () => {
    await using flood = await openFlood();
    flood.answer.destroy();
    await eventually("nothing is under way", async () => {
      const metrics = await (await fetch(`${flood.chatd.url}/metrics`)).text();
      return metrics.includes('chatd_calls_in_flight{provider="ollama",service="chatd"} 0');
    });
    expect(flood.written()).toBeLessThan(PIECES);
  });

  it("takes time that is not the model's", async () => {
    const timeoutMs = 1_000;
    const held = Promise.withResolvers<() => void>();
    const answer = afterTwoWords((request, response) => held.resolve(() => response.end(streamEnd(request))));
    await using upstream = await startFakeModels({ m: answer });
    const options = { name: "ollama", baseUrl: upstream.url, key: "", timeoutMs } as const;
    const provider = new HttpProvider({ ...options, wire: new OllamaWire() });
    const context = { requestId: "r", signal: new AbortController().signal };
    const chunks = provider.stream({ model: "m", body: { messages }, think: false }, context);
    await chunks.next();
    await delay(timeoutMs * 1.3); // the client's, who has not asked for more
    (await held.promise)();
    expect(await Array.fromAsync(chunks)).toHaveLength(2); // the second word and the end
    await provider.close();
  });
});

/** Resolves when a figure has begun to grow and has stood still for a while. */
async function stalled(figure: () => number): Promise<void> {
  let before = -1;
  await eventually("it stands still", async () => {
    before = figure();
    await delay(600); // the silence that is looked for
    return before > 0 && figure() === before;
  });
}

describe("an OpenAI-style stream", () => {
  const tail = (text: string): UpstreamAnswer => afterTwoWords((_request, response) => void response.end(text));

  it.each([
    ["[DONE] alone", "data: [DONE]\n\n", "stop"],
    ["a reason to finish alone", 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"length"}]}\n\n', "length"],
  ])("is whole with %s", async (_what, text, finish_reason) => {
    await using upstream = await startFakeModels({ m: tail(text) });
    await using chatd = await openChatd(upstream.url);
    const events = await eventsOf(chatd.chat({ model: "kimi/m", stream: true }));
    expect(events.at(-2)?.data).toMatchObject({ finish_reason, input_tokens: 0, output_tokens: 0 });
    expect(events.at(-1)?.data).toBe("[DONE]");
  });

  it("that fails after its role and before its first word has a status of its own", async () => {
    const answer: UpstreamAnswer = (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write('data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n');
      response.end('data: {"error":{"message":"overloaded"}}\n\n');
    };
    await using upstream = await startFakeModels({ m: answer });
    await using chatd = await openChatd(upstream.url);
    for (const path of ["/chat", "/chat/completions"]) {
      const response = await chatd.post(path, { model: "kimi/m", messages, stream: true });
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([502, "upstream_error"]);
    }
  });
});
