import { completionChunkSchema, completionSchema, modelListSchema, openaiErrorSchema } from "@lakehouse/contracts";
import { answerJson, type UpstreamAnswer } from "@lakehouse/testing";
import { askedOf, event, line, startFakeModels, words } from "@lakehouse/testing/chat-models";
import OpenAI from "openai";
import type { ChatCompletionCreateParamsNonStreaming, ChatCompletionTool } from "openai/resources/chat/completions";
import { describe, expect, it } from "vitest";
import { eventsOf, openChatd, messages as plainMessages } from "./chatd.ts";

const messages = [{ role: "user" as const, content: "Say hello." }];

const weather: ChatCompletionTool = {
  type: "function",
  function: {
    name: "weather",
    description: "Of a city.",
    parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  },
};
const inZurich = { city: "Zürich" };

async function open(manners: Record<string, UpstreamAnswer> = {}) {
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
const callsTheWeather: UpstreamAnswer = (request, response) => {
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

describe.each([
  ["ollama", "m"],
  ["openrouter", "openrouter/m"],
])("OpenAI's client, with %s", (_provider, model) => {
  it("gets a completion: the model as it was named, the words, the tokens", async () => {
    await using api = await open();
    const completion = await api.create({ model });
    expect(completion).toMatchObject({
      object: "chat.completion",
      model,
      usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
    });
    expect(completion.choices).toMatchObject([
      { index: 0, finish_reason: "stop", message: { role: "assistant", content: words.join("") } },
    ]);
    expect(completion.id).toMatch(/./);
    expect(completion.created).toBeGreaterThan(1_000_000_000);
    expect(completion._request_id).toMatch(/./);
  });

  it("gets a stream, with the tokens where it asks for them", async () => {
    await using api = await open();
    for (const include_usage of [true, false]) {
      const stream = await api.client.chat.completions.create({
        model,
        messages,
        stream: true,
        ...(include_usage && { stream_options: { include_usage } }),
      });
      const chunks = await Array.fromAsync(stream);
      expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toBe(words.join(""));
      expect(new Set(chunks.map((chunk) => `${chunk.model} ${chunk.object} ${chunk.id === chunks[0]?.id}`))).toEqual(
        new Set([`${model} chat.completion.chunk true`]),
      );
      const counted = chunks.filter(({ usage }) => usage);
      expect(counted.map(({ choices, usage }) => [choices, usage?.total_tokens])).toEqual(
        include_usage ? [[[], 10]] : [],
      );
    }
  });

  it("puts a stream together", async () => {
    await using api = await open();
    const stream = api.client.chat.completions.stream({ model, messages });
    const { choices } = await stream.finalChatCompletion();
    expect(choices[0]?.message.content).toBe(words.join(""));
  });

  it("hands tools over, and gets their calls, whole and streamed", async () => {
    await using api = await open({ m: callsTheWeather });
    const whole = await api.create({ model, tools: [weather] });
    const streamed = await api.client.chat.completions
      .stream({ model, messages, tools: [weather] })
      .finalChatCompletion();
    for (const { choices } of [whole, streamed]) {
      expect(choices[0]?.finish_reason).toBe("tool_calls");
      const [call] = choices[0]?.message.tool_calls ?? [];
      expect(call).toMatchObject({ type: "function", id: expect.stringMatching(/./), function: { name: "weather" } });
      expect(call?.type === "function" && JSON.parse(call.function.arguments)).toEqual(inZurich);
    }
    for (const { tools } of api.upstream.asked() as { tools: unknown }[]) expect(tools).toEqual([weather]);
  });

  it("throws its own exceptions", async () => {
    const status = (code: number, headers = {}): UpstreamAnswer => {
      return (_request, response) => answerJson(response, code, { error: { message: "no" } }, headers);
    };
    await using api = await open({ m: status(500), busy: status(429, { "retry-after": "30" }) });
    const prefix = model.slice(0, -1);
    await expect(api.create({ model })).rejects.toThrow(OpenAI.InternalServerError);
    await expect(api.create({ model: `${prefix}busy` })).rejects.toThrow(OpenAI.RateLimitError);
    await expect(api.create({ model, stream: true as never })).rejects.toThrow(OpenAI.InternalServerError);
  });

  it("sees a stream that breaks off as an error", async () => {
    const broken: UpstreamAnswer = (request, response) => {
      const first =
        request.url === "/api/chat"
          ? line({ message: { content: "Hel" } })
          : event({ choices: [{ index: 0, delta: { content: "Hel" } }] });
      response.end(first);
    };
    await using api = await open({ m: broken });
    const stream = await api.client.chat.completions.create({ model, messages, stream: true });
    let heard = "";
    const listen = async () => {
      for await (const { choices } of stream) heard += choices[0]?.delta.content;
    };
    await expect(listen()).rejects.toMatchObject({ code: "bad_upstream_answer", type: "server_error" });
    expect(heard).toBe("Hel");
  });
});

describe("what OpenAI's client asks for", () => {
  it("passes to an API that speaks the same as it is", async () => {
    await using api = await open();
    const asked = {
      temperature: 0.5,
      top_p: 0.9,
      seed: 7,
      stop: ["END"],
      max_completion_tokens: 50,
      logit_bias: { "50256": -100 },
      response_format: { type: "json_schema" as const, json_schema: { name: "a", schema: { type: "object" } } },
      metadata: { team: "blue" },
    };
    await api.create({ model: "opencode/m", ...asked });
    expect(api.upstream.asked()).toEqual([{ model: "m", messages, ...asked }]);
  });

  it("is said in Ollama's words", async () => {
    await using api = await open();
    const schema = { type: "object", properties: { a: { type: "string" } } };
    await api.create({
      temperature: 0.5,
      top_p: 0.9,
      seed: 7,
      stop: "END",
      max_completion_tokens: 50,
      presence_penalty: 1,
      response_format: { type: "json_schema", json_schema: { name: "a", schema } },
      reasoning_effort: "low",
      tools: [weather],
      tool_choice: "none",
      logit_bias: null,
      messages: [
        { role: "developer", content: "Be brief." },
        {
          role: "user",
          content: [
            { type: "text", text: "What is this?" },
            { type: "image_url", image_url: { url: "data:image/png;base64,aGVsbG8=" } },
          ],
        },
        {
          role: "assistant",
          tool_calls: [{ id: "c1", type: "function", function: { name: "weather", arguments: '{"city":"Bern"}' } }],
        },
        { role: "tool", tool_call_id: "c1", content: "rain" },
      ],
    });
    expect(api.upstream.asked()).toEqual([
      {
        model: "m",
        stream: false,
        think: "low",
        format: schema,
        options: { temperature: 0.5, top_p: 0.9, seed: 7, stop: ["END"], num_predict: 50, presence_penalty: 1 },
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "What is this?", images: ["aGVsbG8="] },
          {
            role: "assistant",
            content: "",
            tool_calls: [{ function: { name: "weather", arguments: { city: "Bern" } } }],
          },
          { role: "tool", content: "rain", tool_name: "weather" },
        ],
      },
    ]);
  });

  it.each([
    ["no model", { messages: plainMessages }, "model"],
    ["no messages", { model: "m" }, "messages"],
    [
      "an image that Ollama would have to fetch",
      {
        model: "m",
        messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "https://example.com/a.png" } }] }],
      },
      null,
    ],
    [
      "content that Ollama does not know",
      { model: "m", messages: [{ role: "user", content: [{ type: "video" }] }] },
      "messages.0.content",
    ],
    [
      "arguments that are no JSON",
      { model: "m", messages: [{ role: "assistant", tool_calls: [{ function: { name: "f", arguments: "{" } }] }] },
      null,
    ],
    ["an option that is none", { model: "m", messages: plainMessages, temperature: "hot" }, "temperature"],
  ])("is refused in its own shape: %s", async (_what, body, param) => {
    await using api = await open();
    const response = await api.chatd.post("/chat/completions", body);
    const { error } = openaiErrorSchema.parse(await response.json());
    expect([response.status, error.type, error.code, error.param]).toEqual([
      400,
      "invalid_request_error",
      "invalid_request",
      param,
    ]);
    expect(api.upstream.requests).toEqual([]);
  });

  it("is refused where no key is there", async () => {
    await using chatd = await openChatd("http://127.0.0.1:1", {}, {});
    const client = new OpenAI({ baseURL: chatd.url, apiKey: "none" });
    const answer = client.chat.completions.create({ model: "kimi/m", messages });
    await expect(answer).rejects.toThrow(OpenAI.NotFoundError);
    await expect(answer).rejects.toMatchObject({ code: "provider_not_registered" });
  });

  it("may be the thinking of a model", async () => {
    await using api = await open({
      m: (_request, response) => {
        const thought = { message: { content: "", thinking: "Hm." } };
        response.end(
          line(thought) + line({ message: { content: "Yes" } }) + line({ message: { content: "" }, done: true }),
        );
      },
    });
    const events = await eventsOf(
      api.chatd.post("/chat/completions", { model: "m", messages, stream: true, think: true }),
    );
    const deltas = events.slice(0, -1).map(({ data }) => completionChunkSchema.parse(data).choices[0]?.delta);
    expect(deltas.map((delta) => delta?.["reasoning"] ?? delta?.content)).toEqual(["Hm.", "Yes", ""]);
    expect(api.upstream.asked()).toMatchObject([{ think: true }]);
  });

  it("may be the list of models: the tiers that can be asked", async () => {
    await using chatd = await openChatd("http://127.0.0.1:1", {}, { KIMI_API_KEY: "k" });
    const client = new OpenAI({ baseURL: chatd.url, apiKey: "none" });
    const models = await Array.fromAsync(client.models.list());
    expect(models).toContainEqual({ id: "local_hot", object: "model", created: 0, owned_by: "ollama" });
    expect(models.map(({ id }) => id)).not.toContain("cloud_judge");
    modelListSchema.parse(await chatd.get("/models"));
  });

  it("is answered as the contract says", async () => {
    await using api = await open();
    for (const model of ["m", "kimi/m"]) {
      completionSchema.parse(await (await api.chatd.post("/chat/completions", { model, messages })).json());
    }
  });
});
