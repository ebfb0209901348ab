import { createServer, type Platform } from "@lakehouse/server";
import type { FastifyInstance } from "fastify";
import { bodyLimitBytes } from "./embed-request.ts";
import type { Embedder } from "./embedder.ts";
import { addOpenaiRoutes } from "./openai-routes.ts";
import type { EmbeddingProvider } from "./providers/embedding-provider.ts";
import { readiness } from "./readiness.ts";
import { addRoutes } from "./routes.ts";

export interface EmbeddDependencies {
  provider: EmbeddingProvider;
  embedder: Embedder;
}

export function buildApp({ provider, embedder }: EmbeddDependencies, platform: Platform): FastifyInstance {
  const { embedd } = platform.config;
  const app = createServer(platform, {
    readiness: () => readiness(provider),
    bodyLimitBytes: bodyLimitBytes(embedd),
  });
  addRoutes(app, embedder, embedd);
  addOpenaiRoutes(app, embedder, platform);
  return app;
}
