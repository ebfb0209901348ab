import { completionChunkSchema, completionSchema, modelListSchema, openaiErrorSchema } from "@lakehouse/contracts";
import { line } from "@lakehouse/testing/chat-models";
import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { eventsOf, openChatd, messages as plainMessages } from "./open-chatd.ts";
import { messages, open, weather } from "./openai-client.ts";

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
