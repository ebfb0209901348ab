import { createServer, type Platform } from "@lakehouse/server";
import type { FastifyInstance } from "fastify";
import { BODY_BYTES_MAX } from "./limits.ts";
import type { MemoryLoader } from "./memory-loader.ts";
import { readiness } from "./readiness.ts";
import { addRoutes } from "./routes.ts";

export function buildApp(loader: MemoryLoader, platform: Platform): FastifyInstance {
  const app = createServer(platform, {
    readiness: () => readiness(loader.condition()),
    bodyLimitBytes: BODY_BYTES_MAX,
  });
  addRoutes(app, () => loader.memory());
  return app;
}
