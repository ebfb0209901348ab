import { pipeline } from "node:stream/promises";
import { answerJson, freePort, startFakeUpstream, type UpstreamAnswer } from "@lakehouse/testing";
import { answerWell, askedOf, isOllama, startFakeModels, wholeAnswer } from "@lakehouse/testing/chat-models";
import { describe, expect, it } from "vitest";
import { FAILURES_MAX } from "../src/limits.ts";
import { keys, openChatd, refused } from "./open-chatd.ts";

const html = "<html><body>Bad gateway</body></html>";
const asHtml = (status: number): UpstreamAnswer => {
  return (_request, response) => void response.writeHead(status, { "content-type": "text/html" }).end(html);
};
const asJson = (status: number, body: unknown, headers: Record<string, string> = {}): UpstreamAnswer => {
  return (_request, response) => answerJson(response, status, body, headers);
};

/** How each wire spells an error. */
const error = (message: string): UpstreamAnswer => {
  return (request, response) =>
    answerJson(response, 500, isOllama(request) ? { error: message } : { error: { message, code: 500 } });
};

/** An answer that is whole and says nothing, streamed or not; without a reason to finish it has no choice either. */
function withoutWords(finish?: string): UpstreamAnswer {
  return (request, response) => {
    const isStreamed = askedOf(request)["stream"] === true;
    const choice = { index: 0, [isStreamed ? "delta" : "message"]: { content: null }, finish_reason: finish };
    const completion = JSON.stringify({ choices: finish ? [choice] : [] });
    const ollama = JSON.stringify({ message: { content: "", thinking: "Hm." }, done: true, done_reason: finish });
    response.writeHead(200);
    if (isOllama(request)) response.end(`${ollama}\n`);
    else response.end(isStreamed ? `data: ${completion}\n\ndata: [DONE]\n\n` : completion);
  };
}

describe.each([
  ["ollama", "m"],
  ["openrouter", "openrouter/m"],
])("a failure of %s", (provider, model) => {
  async function failing(answer: UpstreamAnswer, timeout = 10_000) {
    await using upstream = await startFakeModels({ m: answer });
    await using chatd = await openChatd(upstream.url, { chatd: { timeout } });
    const whole = await refused(chatd.chat({ model }));
    // Before its first word a stream fails as anything does.
    const streamed = await refused(chatd.chat({ model, stream: true }));
    const { status, code, retryAfter } = whole;
    expect(streamed).toMatchObject({ status, code, retryAfter });
    for (const { details } of [whole, streamed]) expect(details).toMatchObject({ provider });
    return { ...whole, calls: upstream.requests.length };
  }

  it.each<[string, UpstreamAnswer, number, string, RegExp]>([
    ["an error of its own", error("model 'm' not found, try pulling it"), 502, "upstream_error", /500.*try pulling it/],
    ["an error in HTML", asHtml(502), 502, "upstream_error", /502.*Bad gateway/],
    ["a redirect", asJson(302, {}, { location: "http://127.0.0.1:1/" }), 502, "upstream_error", /302/],
    ["something that is not JSON", asHtml(200), 502, "bad_upstream_answer", /./],
    ["something that is no completion", asJson(200, { choices: 1, message: 1 }), 502, "bad_upstream_answer", /./],
    ["an error that says 200", asJson(200, { error: { message: "overloaded" } }), 502, "upstream_error", /overloaded/],
    ["an answer without a choice", withoutWords(), 502, "empty_completion", /without a word/],
    ["an answer without a word", withoutWords("stop"), 502, "empty_completion", /without a word/],
    ["all tokens spent on thinking", withoutWords("length"), 502, "empty_completion", /thinking/],
  ])("%s", async (_what, answer, status, code, sentence) => {
    const failure = await failing(answer);
    expect(failure).toMatchObject({ status, code });
    expect(failure.error).toMatch(sentence);
  });

  it("too many calls: its Retry-After is passed on, as seconds", async () => {
    const slowDown = { error: "slow down" };
    const later = new Date(Date.now() + 3_600_000).toUTCString();
    const answers = [
      await failing(asJson(429, slowDown, { "retry-after": "30" })),
      await failing(asJson(429, slowDown, { "retry-after": "2.5" })),
      await failing(asJson(429, slowDown)),
    ];
    expect(answers.map(({ status, code, retryAfter }) => [status, code, retryAfter])).toEqual([
      [429, "rate_limited", "30"],
      [429, "rate_limited", "3"],
      [429, "rate_limited", null],
    ]);
    await using upstream = await startFakeModels({ m: asJson(429, slowDown, { "retry-after": later }) });
    await using chatd = await openChatd(upstream.url);
    expect(Number((await refused(chatd.chat({ model }))).retryAfter)).toBeGreaterThan(3_000);
  });

  it.each([
    "You exceeded your current quota, please check your plan and billing details.",
    "Insufficient credits.",
    "you've reached your hourly usage limit",
  ])("no quota left: %s", async (message) => {
    const failure = await failing(asJson(429, { error: { message } }, { "retry-after": "1" }));
    expect(failure).toMatchObject({ status: 429, code: "quota_exhausted", retryAfter: "1", calls: 2 });
  });

  it("an answer that takes longer than `timeout`, or drips", async () => {
    const silent = await failing(() => {}, 150);
    const dripping = await failing((request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const drip = setInterval(() => response.write(isOllama(request) ? "\n" : ": wait\n\n"), 20);
      response.on("close", () => clearInterval(drip));
    }, 150);
    for (const failure of [silent, dripping]) expect(failure).toMatchObject({ status: 504, code: "upstream_timeout" });
  });

  it("nobody there", async () => {
    await using chatd = await openChatd(`http://127.0.0.1:${await freePort()}`);
    expect(await refused(chatd.chat({ model }))).toMatchObject({
      status: 502,
      code: "upstream_unavailable",
      details: { provider, upstream: provider },
    });
  });

  it("a connection that breaks", async () => {
    const failure = await failing((_request, response) => {
      response.writeHead(200, { "content-length": "100" }).write("{");
      response.socket?.resetAndDestroy();
    });
    expect(failure).toMatchObject({ status: 502, code: "upstream_unavailable", calls: 2 });
  });

  it("an answer without end", async () => {
    const chunk = Buffer.alloc(1024 * 1024, "a");
    const failure = await failing((_request, response) => {
      response.writeHead(200);
      return pipeline(function* () {
        for (;;) yield chunk;
      }, response);
    });
    expect(failure).toMatchObject({ status: 502, code: "bad_upstream_answer" });
  });
});

describe("another try", () => {
  /** How often a model was asked that fails like this until it is asked for the `good`th time. */
  async function tries(answer: UpstreamAnswer, good: number) {
    let asked = 0;
    await using upstream = await startFakeModels({
      m: (request, response) => (++asked === good ? answerWell(request, response) : answer(request, response)),
    });
    await using chatd = await openChatd(upstream.url);
    const { status } = await chatd.chat({ model: "m", stream: true });
    return [status, asked];
  }

  it("is made where the call was not taken on, and not without end", async () => {
    expect(await tries(asJson(503, { error: "server busy" }), 3)).toEqual([200, 3]);
    expect(await tries(asJson(503, { error: "server busy" }), 9)).toEqual([502, 3]);
    expect(await tries(asJson(429, { error: "slow" }, { "retry-after": "0" }), 2)).toEqual([200, 2]);
    expect(await tries(asJson(503, { error: "busy" }, { "retry-after": "1" }), 2)).toEqual([200, 2]);
  });

  it("is not made where the call may have been answered, or the pause is long", async () => {
    expect(await tries(asJson(500, { error: "oops" }), 2)).toEqual([502, 1]);
    expect(await tries(asHtml(200), 2)).toEqual([502, 1]);
    expect(await tries((_request, response) => void response.destroy(), 2)).toEqual([502, 1]);
    expect(await tries(asJson(429, { error: "slow" }), 2)).toEqual([429, 1]);
    expect(await tries(asJson(503, { error: "busy" }, { "retry-after": "60" }), 2)).toEqual([502, 1]);
  });
});

it("no key is told, however a provider repeats it", async () => {
  const { OPENROUTER_API_KEY: key } = keys;
  const sentences = [`Incorrect key: ${key}`, `Bearer ${key} is no good`, `Incorrect key: ${key.slice(0, 10)}***ter`];
  for (const status of [200, 400, 401, 403, 429, 500]) {
    for (const sentence of sentences) {
      await using upstream = await startFakeModels({ m: asJson(status, { error: { message: sentence } }) });
      await using chatd = await openChatd(upstream.url);
      const answer = JSON.stringify(await refused(chatd.chat({ model: "openrouter/m" })));
      expect(answer).toContain("openrouter");
      expect(answer).not.toContain("hush");
    }
  }
});

it("a provider that keeps failing is left alone, and shown", async () => {
  await using upstream = await startFakeUpstream(asJson(500, { error: "oops" }));
  await using chatd = await openChatd(upstream.url);
  await Promise.all(Array.from({ length: FAILURES_MAX }, () => chatd.chat({ model: "m" })));
  const answer = await refused(chatd.chat({ model: "m" }));
  expect(answer).toMatchObject({ status: 502, code: "upstream_unavailable", details: { provider: "ollama" } });
  expect(Number(answer.retryAfter)).toBeGreaterThan(0);
  expect(upstream.requests).toHaveLength(FAILURES_MAX);
  const cooling = { provider: "ollama", failures: FAILURES_MAX, code: "upstream_error" };
  expect(await chatd.get("/chat/providers")).toMatchObject({ default: "ollama", cooling_down: [cooling] });
  expect(await chatd.get("/ready")).toMatchObject({ status: "degraded", checks: { ollama: { status: "degraded" } } });
  // Others go on.
  expect(await refused(chatd.chat({ model: "kimi/m" }))).toMatchObject({ code: "upstream_error" });
});

it("a provider that fails and answers in turn is asked on", async () => {
  let asked = 0;
  await using upstream = await startFakeUpstream((request, response) => {
    asked += 1;
    if (asked % 10 === 0) answerJson(response, 200, wholeAnswer(request, "yes"));
    else answerJson(response, 500, { error: "oops" });
  });
  await using chatd = await openChatd(upstream.url);
  for (let count = 0; count < 2 * FAILURES_MAX; count++) await chatd.chat({ model: "m" });
  expect(asked).toBe(2 * FAILURES_MAX);
});
