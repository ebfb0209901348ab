import { type ChatProviderName, chatProviders } from "@lakehouse/contracts";
import { LakehouseError } from "@lakehouse/core";

/** Who answers for a model, and what that provider calls it. */
export interface ModelRoute {
  provider: ChatProviderName;
  model: string;
}

/** Who answers for a bare name. */
export const DEFAULT_PROVIDER: ChatProviderName = "ollama";

/**
 * Where a model is to be had. A tier is looked up first, once; then an explicit provider decides before any suffix.
 * Whether that provider is registered makes no difference: a prompt never goes to another one than its name says.
 * @param tiers the model of each tier
 * @throws LakehouseError `invalid_request` for a name with a provider and no model
 */
export function routeModel(name: string, tiers: ReadonlyMap<string, string>): ModelRoute {
  const named = tiers.get(name) ?? name;
  const route = explicitRoute(named) ?? cloudRoute(named) ?? { provider: DEFAULT_PROVIDER, model: named };
  if (route.model !== "") return route;
  throw new LakehouseError("invalid_request", `${JSON.stringify(name)} names no model.`);
}

/** `openrouter/anthropic/claude`: up to the first slash stands a provider, in any case. */
function explicitRoute(name: string): ModelRoute | undefined {
  const slash = name.indexOf("/");
  const prefix = name.slice(0, Math.max(slash, 0)).toLowerCase();
  const provider = chatProviders.find((one) => one === prefix);
  return provider && { provider, model: name.slice(slash + 1) };
}

/** `qwen3-coder:cloud` and `gpt-oss:20b-cloud`, as Ollama marks what runs in its cloud. */
function cloudRoute(name: string): ModelRoute | undefined {
  const [, model] = /^(.*):cloud$/is.exec(name) ?? /^(.+:[^:/]+)-cloud$/is.exec(name) ?? [];
  return model === undefined ? undefined : { provider: "ollama_cloud", model };
}
