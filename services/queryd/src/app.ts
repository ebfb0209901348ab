import type { CatalogClient } from "@lakehouse/clients";
import { createServer, type Platform, takeJson } from "@lakehouse/server";
import type { FastifyInstance } from "fastify";
import { BODY_BYTES_MAX } from "./limits.ts";
import type { ObjectAccess } from "./objects/object-access.ts";
import { readiness } from "./readiness.ts";
import { addRoutes, type QueryServices } from "./routes.ts";

export interface QuerydDependencies extends QueryServices {
  catalog: Pick<CatalogClient, "ping">;
  access: ObjectAccess;
}

export function buildApp({ catalog, access, ...services }: QuerydDependencies, platform: Platform): FastifyInstance {
  const app = createServer(platform, {
    readiness: () => readiness({ catalog, access, views: services.views }),
    bodyLimitBytes: BODY_BYTES_MAX,
  });
  takeJson(app, { bigIntegers: true }); // a parameter that lost digits would find another row
  addRoutes(app, services);
  return app;
}
