import { createServer, type Platform } from "@lakehouse/server";
import type { FastifyInstance } from "fastify";
import type { MemoryLoader } from "./memory-loader.ts";
import { readiness } from "./readiness.ts";
import { addRoutes } from "./routes.ts";

export function buildApp(loader: MemoryLoader, platform: Platform): FastifyInstance {
  const app = createServer(platform, { readiness: () => readiness(loader.condition()) });
  addRoutes(app, () => loader.memory());
  return app;
}
