import type { ChatProviderName } from "@lakehouse/contracts";
import type { Config, Platform } from "@lakehouse/server";
import { Chat } from "./chat.ts";
import { ChatMeters } from "./metrics.ts";
import { ProviderDoor } from "./provider-door.ts";
import { type CloudProviderName, findProviderKey } from "./provider-keys.ts";
import { HttpProvider, type HttpProviderOptions } from "./providers/http-provider.ts";
import { OllamaWire } from "./providers/ollama-wire.ts";
import { OpenaiWire, type ThinkSwitch } from "./providers/openai-wire.ts";
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
  const meters = new ChatMeters(registry);
  const doors = new Map<ChatProviderName, ProviderDoor>();
  for (const options of providersOf(config.chatd, environment)) {
    doors.set(options.name, new ProviderDoor(new HttpProvider(options)));
  }
  meters.watch(registry, [...doors.values()]);
  const tiers = resolveTiers(config.models);
  const chat = new Chat({ doors, tiers, weakModels: config.models.weak_models, meters });
  const close = async () => {
    await Promise.all([...doors.values()].map(({ provider }) => provider.close()));
  };
  return { chat, close };
}

/** The local Ollama, which wants no key, and every other one that has its key. */
function providersOf(chatd: Config["chatd"], environment: NodeJS.ProcessEnv): HttpProviderOptions[] {
  const { timeout: timeoutMs } = chatd;
  const local = { name: "ollama", baseUrl: chatd.ollama_url, key: "", timeoutMs, wire: ollama } as const;
  const clouds = Object.entries(cloudWires).flatMap(([given, wire]) => {
    const name = given as CloudProviderName;
    const key = findProviderKey(name, chatd, environment);
    return key === undefined ? [] : [{ name, baseUrl: chatd[`${name}_url`], key, timeoutMs, wire }];
  });
  return [local, ...clouds];
}

const ollama: HttpProviderOptions["wire"] = (errors) => new OllamaWire(errors);

function openai(thinkSwitch: ThinkSwitch): HttpProviderOptions["wire"] {
  return (errors) => new OpenaiWire(errors, thinkSwitch);
}

const cloudWires: Record<CloudProviderName, HttpProviderOptions["wire"]> = {
  ollama_cloud: ollama,
  openrouter: openai((enabled) => ({ reasoning: { enabled } })),
  opencode: openai(() => ({})), // it has no field for it that all of its models take
  kimi: openai((think) => ({ thinking: { type: think ? "enabled" : "disabled" } })),
};
