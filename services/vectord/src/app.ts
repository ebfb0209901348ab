import { createServer, type Platform } from "@lakehouse/server";
import type { FastifyInstance } from "fastify";
import { SEARCH_BODY_BYTES_MAX } from "./limits.ts";
import type { IndexStore } from "./persistence/index-store.ts";
import { readiness } from "./readiness.ts";
import { addRoutes, type VectorServices } from "./routes.ts";

export interface VectordDependencies extends VectorServices {
  /** None: memory only. */
  store: IndexStore | undefined;
}

export function buildApp({ store, ...services }: VectordDependencies, platform: Platform): FastifyInstance {
  const app = createServer(platform, {
    readiness: () => readiness(services.indexes, store),
    bodyLimitBytes: SEARCH_BODY_BYTES_MAX,
  });
  addRoutes(app, services);
  return app;
}
