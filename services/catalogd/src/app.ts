import { createServer, type Platform } from "@lakehouse/server";
import type { FastifyInstance } from "fastify";
import type { ManifestStore } from "./manifest-store.ts";
import { readiness } from "./readiness.ts";
import { addRoutes, type CatalogServices } from "./routes.ts";

export interface CatalogdDependencies extends CatalogServices {
  store: ManifestStore;
}

export function buildApp({ store, ...services }: CatalogdDependencies, platform: Platform): FastifyInstance {
  const app = createServer(platform, { readiness: () => readiness(services.catalog, store) });
  addRoutes(app, services);
  return app;
}
