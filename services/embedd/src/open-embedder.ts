import type { Platform } from "@lakehouse/server";
import type { EmbeddDependencies } from "./app.ts";
import { Embedder } from "./embedder.ts";
import type { EmbeddingProvider } from "./embedding-provider.ts";
import { HashingProvider } from "./hashing/hashing-provider.ts";
import { addEmbedderFigures, metered } from "./metrics.ts";
import { OllamaProvider } from "./providers/ollama-provider.ts";
import { OpenaiProvider } from "./providers/openai-provider.ts";

type EmbeddConfig = Platform["config"]["embedd"];

/** The configured provider, and the embedder on top of it. */
export function openEmbedder({ config, registry }: Platform, environment: NodeJS.ProcessEnv): EmbeddDependencies {
  const { model, dimension, cache_size: cacheSize, batch_timeout: batchTimeoutMs } = config.embedd;
  const provider = metered(openProvider(config.embedd, environment), registry);
  const embedder = new Embedder({ provider, model, dimension, cacheSize, batchTimeoutMs });
  addEmbedderFigures(registry, embedder);
  return { provider, embedder };
}

function openProvider(embedd: EmbeddConfig, environment: NodeJS.ProcessEnv): EmbeddingProvider {
  const timeoutMs = embedd.batch_timeout;
  switch (embedd.provider) {
    case "hashing":
      return new HashingProvider(embedd.dimension || undefined);
    case "ollama":
      return new OllamaProvider({ baseUrl: embedd.ollama_url, timeoutMs });
    case "openai": {
      const key = environment[embedd.openai_key_env] ?? "";
      return new OpenaiProvider({ baseUrl: embedd.openai_url, timeoutMs, key });
    }
  }
}
