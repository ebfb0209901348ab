import { type Config, ConfigError } from "@lakehouse/server";

/**
 * The model of each tier. A tier may name another tier, whose model it then has.
 * @throws ConfigError where tiers name each other in a circle
 */
export function resolveTiers({ weak_models: _, ...models }: Config["models"]): ReadonlyMap<string, string> {
  const named = new Map(Object.entries(models));
  return new Map([...named].map(([tier, model]) => [tier, followed(tier, model, named)]));
}

function followed(tier: string, model: string, named: ReadonlyMap<string, string>): string {
  let last = model;
  for (let steps = 0; steps < named.size; steps++) {
    const next = named.get(last);
    if (next === undefined) return last;
    last = next;
  }
  throw new ConfigError(`models.${tier} is ${JSON.stringify(model)}, which leads back to itself; expects a model`);
}
