import { type ChatProviderName, chatProviders } from "@lakehouse/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { routeModel } from "./model-route.ts";

const tiers = new Map([
  ["local_hot", "qwen3:8b"],
  ["cloud_judge", "gpt-oss:20b-cloud"],
  ["frontier_review", "openrouter/anthropic/claude-sonnet-4.5"],
  ["frontier_free", ""],
]);

describe("a model's route", () => {
  it.each<[string, ChatProviderName, string]>([
    // Bare names, and prefixes that nobody knows, are the local Ollama's own.
    ["qwen3:8b", "ollama", "qwen3:8b"],
    ["llama3", "ollama", "llama3"],
    ["anthropic/claude", "ollama", "anthropic/claude"],
    ["hf.co/bartowski/Qwen:Q4_K_M", "ollama", "hf.co/bartowski/Qwen:Q4_K_M"],
    ["openrouters/m", "ollama", "openrouters/m"],
    ["/kimi/m", "ollama", "/kimi/m"],
    // An explicit provider is taken off, once, in any case.
    ["ollama/qwen3:8b", "ollama", "qwen3:8b"],
    ["ollama/ollama/m", "ollama", "ollama/m"],
    ["ollama/kimi/m", "ollama", "kimi/m"],
    ["ollama_cloud/gpt-oss:120b", "ollama_cloud", "gpt-oss:120b"],
    ["openrouter/anthropic/claude", "openrouter", "anthropic/claude"],
    ["opencode/big-pickle", "opencode", "big-pickle"],
    ["kimi/kimi-k2", "kimi", "kimi-k2"],
    ["OpenRouter/Vendor/M", "openrouter", "Vendor/M"],
    // It decides before any suffix.
    ["ollama/gpt-oss:20b-cloud", "ollama", "gpt-oss:20b-cloud"],
    ["ollama/m:cloud", "ollama", "m:cloud"],
    ["openrouter/v/m:cloud", "openrouter", "v/m:cloud"],
    ["ollama_cloud/m:cloud", "ollama_cloud", "m:cloud"],
    // Suffixes, in any case.
    ["qwen3-coder:cloud", "ollama_cloud", "qwen3-coder"],
    ["qwen3-coder:CLOUD", "ollama_cloud", "qwen3-coder"],
    ["gpt-oss:20b-cloud", "ollama_cloud", "gpt-oss:20b"],
    ["gpt-oss:20b-Cloud", "ollama_cloud", "gpt-oss:20b"],
    ["somebody/m:cloud", "ollama_cloud", "somebody/m"],
    ["m:7b:cloud", "ollama_cloud", "m:7b"],
    // What only looks like one.
    ["nimbus-cloud", "ollama", "nimbus-cloud"],
    ["m:-cloud", "ollama", "m:-cloud"],
    ["m:cloudy", "ollama", "m:cloudy"],
    ["m:cloud/x", "ollama", "m:cloud/x"],
    ["cloud", "ollama", "cloud"],
    // Tiers first, and only as a whole.
    ["local_hot", "ollama", "qwen3:8b"],
    ["cloud_judge", "ollama_cloud", "gpt-oss:20b"],
    ["frontier_review", "openrouter", "anthropic/claude-sonnet-4.5"],
    ["LOCAL_HOT", "ollama", "LOCAL_HOT"],
    ["ollama/local_hot", "ollama", "local_hot"],
    ["constructor", "ollama", "constructor"],
  ])("%s goes to %s as %s", (name, provider, model) => {
    expect(routeModel(name, tiers)).toEqual({ provider, model });
  });

  it.each(["kimi/", "ollama/", ":cloud", "frontier_free"])("%s names no model", (name) => {
    expect(() => routeModel(name, tiers)).toThrow(/names no model/);
  });

  const words = fc.stringMatching(/^[A-Za-z0-9_.:/-]{1,40}$/);

  it("never leaves the provider that its prefix names, whatever follows", () => {
    fc.assert(
      fc.property(fc.constantFrom(...chatProviders), words, (provider, rest) => {
        expect(routeModel(`${provider}/${rest}`, tiers)).toEqual({ provider, model: rest });
      }),
    );
  });

  it("takes off nothing but what it names", () => {
    fc.assert(
      fc.property(words, (name) => {
        fc.pre(!/^:cloud$|^(ollama|ollama_cloud|openrouter|opencode|kimi)\/$/i.test(name));
        const { provider, model } = routeModel(name, new Map());
        const spellings = [model, `${provider}/${model}`, `${model}:cloud`, `${model}-cloud`];
        expect(spellings.map((one) => one.toLowerCase())).toContain(name.toLowerCase());
      }),
    );
  });

  it("is the local Ollama's where neither slash nor suffix says otherwise", () => {
    fc.assert(
      fc.property(words, (name) => {
        fc.pre(!name.includes("/") && !/cloud$/i.test(name));
        expect(routeModel(name, new Map())).toEqual({ provider: "ollama", model: name });
      }),
    );
  });
});
