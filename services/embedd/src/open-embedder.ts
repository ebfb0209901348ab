import { type Platform, readProviderKey } from "@lakehouse/server";
import type { EmbeddDependencies } from "./app.ts";
import { Embedder } from "./embedder.ts";
import { HashingProvider } from "./hashing/hashing-provider.ts";
import { addStateGauges, metered } from "./metrics.ts";
import type { EmbeddingProvider } from "./providers/embedding-provider.ts";

type EmbeddConfig = Platform["config"]["embedd"];

/** The configured provider, and the embedder on top of it. @throws ConfigError for a key that no request could carry */
export async function openEmbedder(
  { config, registry }: Platform,
  environment: NodeJS.ProcessEnv,
): Promise<EmbeddDependencies> {
  const { model, dimension, cache_size: cacheSize, batch_timeout: batchTimeoutMs } = config.embedd;
  const provider = metered(await openProvider(config.embedd, environment), registry);
  const embedder = new Embedder({ provider, model, dimension, cacheSize, batchTimeoutMs });
  addStateGauges(registry, embedder);
  return { provider, embedder };
}

/** Who needs no HTTP client does not load one: it takes as long as a seventh of the start. */
async function openProvider(embedd: EmbeddConfig, environment: NodeJS.ProcessEnv): Promise<EmbeddingProvider> {
  const timeoutMs = embedd.batch_timeout;
  switch (embedd.provider) {
    case "hashing":
      return new HashingProvider(embedd.dimension || undefined);
    case "ollama": {
      const { OllamaProvider } = await import("./providers/ollama-provider.ts");
      return new OllamaProvider({ baseUrl: embedd.ollama_url, timeoutMs });
    }
    case "openai": {
      const { OpenaiProvider } = await import("./providers/openai-provider.ts");
      const key = readProviderKey(embedd.openai_key_env, environment[embedd.openai_key_env]) ?? "";
      return new OpenaiProvider({ baseUrl: embedd.openai_url, timeoutMs, key });
    }
  }
}
