import { answerJson, type UpstreamAnswer } from "@lakehouse/testing";
import { event, line, words } from "@lakehouse/testing/chat-models";
import OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { callsTheWeather, inZurich, messages, open, weather } from "./openai-client.ts";

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
