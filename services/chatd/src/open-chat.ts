import { type ChatProviderName, chatProviders } from "@lakehouse/contracts";
import type { Config, Platform } from "@lakehouse/server";
import { Chat } from "./chat.ts";
import { ChatMetrics } from "./metrics.ts";
import { ProviderDoor } from "./provider-door.ts";
import { findProviderKey } from "./provider-keys.ts";
import { HttpProvider, type HttpProviderOptions } from "./providers/http-provider.ts";
import { OllamaWire } from "./providers/ollama-wire.ts";
import { OpenaiWire } from "./providers/openai-wire.ts";
import type { Wire } from "./providers/wire.ts";
import { resolveTiers } from "./routing/tiers.ts";

export interface OpenChat {
  chat: Chat;
  close(): Promise<void>;
}

/**
 * The providers that can be asked, and the door to them.
 * @throws ConfigError for tiers in a circle, or a key file that others can read
 */
export function openChat({ config, registry }: Platform, environment: NodeJS.ProcessEnv): OpenChat {
  const metrics = new ChatMetrics(registry);
  const doors = new Map<ChatProviderName, ProviderDoor>();
  for (const options of providersOf(config.chatd, environment)) {
    doors.set(options.name, new ProviderDoor(new HttpProvider(options)));
  }
  metrics.addStateGauges(registry, [...doors.values()]);
  const tiers = resolveTiers(config.models);
  const chat = new Chat({ doors, tiers, weakModels: config.models.weak_models, metrics });
  const close = async () => {
    await Promise.all([...doors.values()].map(({ provider }) => provider.close()));
  };
  return { chat, close };
}

/** The local Ollama, which wants no key, and every other one that has its key. */
function providersOf(chatd: Config["chatd"], environment: NodeJS.ProcessEnv): HttpProviderOptions[] {
  return chatProviders.flatMap((name) => {
    const key = name === "ollama" ? "" : findProviderKey(name, chatd, environment);
    if (key === undefined) return [];
    return [{ name, baseUrl: baseOf(name, chatd), key, timeoutMs: chatd.timeout, wire: wires[name] }];
  });
}

/** Ollama's own pages write its base with `/api` and without; both are taken. */
function baseOf(name: ChatProviderName, chatd: Config["chatd"]): string {
  const url = chatd[`${name}_url`];
  return wires[name] === ollama ? url.replace(/\/api$/, "") : url;
}

const ollama = new OllamaWire();

const wires: Record<ChatProviderName, Wire> = {
  ollama,
  ollama_cloud: ollama,
  openrouter: new OpenaiWire((enabled) => ({ reasoning: { enabled } })),
  opencode: new OpenaiWire(() => ({})), // it has no field for it that all of its models take
  kimi: new OpenaiWire((think) => ({ thinking: { type: think ? "enabled" : "disabled" } })),
};
