import { chatModelsSchema, chatProvidersSchema, chatResultSchema, chatSummarySchema } from "@lakehouse/contracts";
import { freePort } from "@lakehouse/testing";
import { askedOf, startFakeModels, words } from "@lakehouse/testing/chat-models";
import { describe, expect, it } from "vitest";
import { eventsOf, keys, messages, openChatd, refused } from "./open-chatd.ts";

const thinkOff = {
  openrouter: { reasoning: { enabled: false } },
  opencode: {},
  kimi: { thinking: { type: "disabled" } },
};

describe("POST /chat", () => {
  it.each([
    ["qwen3:8b", "ollama", "qwen3:8b", "/api/chat", undefined],
    ["nobody/qwen3:8b", "ollama", "nobody/qwen3:8b", "/api/chat", undefined],
    ["ollama/qwen3:8b", "ollama", "qwen3:8b", "/api/chat", undefined],
    ["local_hot", "ollama", "qwen3:8b", "/api/chat", undefined],
    ["ollama_cloud/gpt-oss:120b", "ollama_cloud", "gpt-oss:120b", "/api/chat", keys.OLLAMA_API_KEY],
    ["gpt-oss:20b-cloud", "ollama_cloud", "gpt-oss:20b", "/api/chat", keys.OLLAMA_API_KEY],
    ["cloud_judge", "ollama_cloud", "gpt-oss:20b", "/api/chat", keys.OLLAMA_API_KEY],
    ["openrouter/v/m", "openrouter", "v/m", "/api/v1/chat/completions", keys.OPENROUTER_API_KEY],
    ["opencode/m", "opencode", "m", "/zen/v1/chat/completions", keys.OPENCODE_API_KEY],
    ["kimi/m", "kimi", "m", "/v1/chat/completions", keys.KIMI_API_KEY],
  ])("asks for %s at %s, and tells what it cost", async (name, provider, model, path, key) => {
    await using upstream = await startFakeModels();
    await using chatd = await openChatd(upstream.url);
    const result = chatResultSchema.parse(await (await chatd.chat({ model: name })).json());
    expect(result).toEqual({
      model,
      provider,
      content: words.join(""),
      finish_reason: "stop",
      input_tokens: 7,
      output_tokens: 3,
      latency_ms: expect.any(Number),
    });
    expect(result.latency_ms).toBeGreaterThan(0);
    const [request] = upstream.requests;
    expect([request?.method, request?.url]).toEqual(["POST", path]);
    expect(request?.headers.authorization).toBe(key && `Bearer ${key}`);
    expect(askedOf(request!)).toMatchObject({ model, messages });
  });

  it("streams words as they come, then the counts, then [DONE], from every provider", async () => {
    await using upstream = await startFakeModels();
    await using chatd = await openChatd(upstream.url);
    for (const [name, provider] of [
      ["m", "ollama"],
      ["m:cloud", "ollama_cloud"],
      ["openrouter/m", "openrouter"],
      ["opencode/m", "opencode"],
      ["kimi/m", "kimi"],
    ]) {
      const response = await chatd.chat({ model: name, stream: true });
      expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
      const events = await eventsOf(response);
      const summary = chatSummarySchema.strict().parse(events.at(-2)?.data);
      expect(summary).toMatchObject({ model: "m", provider, finish_reason: "stop", input_tokens: 7, output_tokens: 3 });
      expect(events.slice(0, -2).map(({ data }) => data)).toEqual(words.map((delta) => ({ delta })));
      expect(events.at(-1)?.data).toBe("[DONE]");
    }
  });

  it("takes Ollama's base with its /api and without", async () => {
    await using upstream = await startFakeModels();
    const bases = { ollama_url: `${upstream.url}/api`, ollama_cloud_url: `${upstream.url}/sub/api` };
    await using chatd = await openChatd(upstream.url, { chatd: bases });
    for (const model of ["m", "m:cloud"]) await chatd.chat({ model });
    expect(upstream.requests.map(({ url }) => url)).toEqual(["/api/chat", "/sub/api/chat"]);
  });

  it("says all it is told in Ollama's words, and that it shall not think", async () => {
    await using upstream = await startFakeModels();
    await using chatd = await openChatd(upstream.url);
    await chatd.chat({ model: "m", temperature: 0, max_tokens: 50, format: "json" });
    await chatd.chat({ model: "m:cloud", think: true, stream: true });
    expect(upstream.asked()).toEqual([
      {
        model: "m",
        messages,
        stream: false,
        think: false,
        format: "json",
        options: { temperature: 0, num_predict: 50 },
      },
      { model: "m", messages, stream: true, think: true },
    ]);
  });

  it.each(["openrouter", "opencode", "kimi"] as const)("says all it is told in %s's words", async (provider) => {
    await using upstream = await startFakeModels();
    await using chatd = await openChatd(upstream.url);
    await chatd.chat({ model: `${provider}/m`, temperature: 0, max_tokens: 50, format: "json", think: false });
    await chatd.chat({ model: `${provider}/m`, stream: true });
    const response_format = { type: "json_object" };
    expect(upstream.asked()).toEqual([
      { model: "m", messages, temperature: 0, max_tokens: 50, response_format, ...thinkOff[provider] },
      { model: "m", messages, stream: true, stream_options: { include_usage: true } },
    ]);
  });

  it.each([
    ["no model", { messages }],
    ["an empty model", { model: " ", messages }],
    ["a model without a name", { model: "kimi/", messages }],
    ["no messages", { model: "m" }],
    ["an empty list of messages", { model: "m", messages: [] }],
    ["a message without a role", { model: "m", messages: [{ content: "a" }] }],
    ["a role that nobody has", { model: "m", messages: [{ role: "boss", content: "a" }] }],
    ["content that is no text", { model: "m", messages: [{ role: "user", content: 1 }] }],
    ["another format", { model: "m", messages, format: "xml" }],
    ["a temperature out of range", { model: "m", messages, temperature: 3 }],
    ["no tokens", { model: "m", messages, max_tokens: 0 }],
    ["a field that nobody knows", { model: "m", messages, modle: "n" }],
  ])("refuses %s", async (_what, body) => {
    await using upstream = await startFakeModels();
    await using chatd = await openChatd(upstream.url);
    expect(await refused(chatd.post("/chat", body))).toMatchObject({ status: 400, code: "invalid_request" });
    expect(upstream.requests).toEqual([]);
  });

  it("answers 404 where the provider has no key, and asks no other", async () => {
    await using upstream = await startFakeModels();
    await using chatd = await openChatd(upstream.url, {}, {});
    for (const [model, provider] of [
      ["m:cloud", "ollama_cloud"],
      ["cloud_judge", "ollama_cloud"],
      ["ollama_cloud/m", "ollama_cloud"],
      ["openrouter/v/m", "openrouter"],
      ["opencode/m", "opencode"],
      ["KIMI/m", "kimi"],
    ]) {
      for (const stream of [false, true]) {
        const answer = await refused(chatd.chat({ model, stream }));
        expect(answer).toMatchObject({ status: 404, code: "provider_not_registered", details: { provider } });
      }
    }
    expect(upstream.requests).toEqual([]);
  });
});

describe("what there is", () => {
  it("is listed: the local Ollama always, others with their key", async () => {
    const lists = [
      [{}, ["ollama"]],
      [{ KIMI_API_KEY: "k", OPENROUTER_API_KEY: "o" }, ["ollama", "openrouter", "kimi"]],
      [keys, ["ollama", "ollama_cloud", "openrouter", "opencode", "kimi"]],
    ] as const;
    for (const [environment, providers] of lists) {
      await using chatd = await openChatd("http://127.0.0.1:1", {}, environment);
      expect(chatProvidersSchema.parse(await chatd.get("/chat/providers"))).toEqual({ providers, default: "ollama" });
    }
  });

  it("shows the tiers as they are resolved, and the weak models", async () => {
    const models = { local_hot: "m:1b", local_review: "local_hot", frontier_free: "", weak_models: ["m:1b"] };
    await using chatd = await openChatd("http://127.0.0.1:1", { models }, { KIMI_API_KEY: "k" });
    const { tiers, weak_models } = chatModelsSchema.parse(await chatd.get("/chat/models"));
    expect(tiers).toMatchObject({
      local_hot: { provider: "ollama", model: "m:1b", registered: true },
      local_review: { provider: "ollama", model: "m:1b", registered: true },
      cloud_judge: { provider: "ollama_cloud", model: "gpt-oss:20b", registered: false },
      frontier_arch: { provider: "openrouter", model: "openai/gpt-5", registered: false },
    });
    expect(tiers).not.toHaveProperty("frontier_free");
    expect(weak_models).toEqual(["m:1b"]);
  });

  it("is ready without an Ollama, which may come later", async () => {
    await using chatd = await openChatd(`http://127.0.0.1:${await freePort()}`);
    expect(await chatd.get("/ready")).toMatchObject({ status: "ok", checks: { ollama: { status: "ok" } } });
  });

  it("counts calls, tokens and times by provider and model, and no more models than have room", async () => {
    await using upstream = await startFakeModels();
    await using chatd = await openChatd(upstream.url);
    await chatd.chat({ model: "m" });
    await eventsOf(chatd.chat({ model: "kimi/m", stream: true }));
    for (let count = 0; count < 110; count++) await chatd.chat({ model: `made-up-${count}` });
    const metrics = await (await fetch(`${chatd.url}/metrics`)).text();
    const labels = (provider: string, model: string) => `provider="${provider}",model="${model}"`;
    expect(metrics).toContain(`chatd_calls_total{${labels("ollama", "m")},outcome="ok",service="chatd"} 1`);
    expect(metrics).toContain(`chatd_tokens_total{${labels("kimi", "m")},direction="input",service="chatd"} 7`);
    expect(metrics).toContain(`chatd_tokens_total{${labels("kimi", "m")},direction="output",service="chatd"} 3`);
    expect(metrics).toContain(`chatd_first_token_seconds_count{service="chatd",${labels("kimi", "m")}} 1`);
    expect(metrics).toContain(`chatd_calls_total{${labels("ollama", "other")},outcome="ok",service="chatd"} 12`);
    expect(metrics).toContain('chatd_calls_in_flight{provider="ollama",service="chatd"} 0');
  });
});
