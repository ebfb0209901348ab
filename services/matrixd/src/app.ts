import type { EmbedClient, VectorClient } from "@lakehouse/clients";
import { createServer, type Platform } from "@lakehouse/server";
import type { FastifyInstance } from "fastify";
import { readiness } from "./readiness.ts";
import { addRoutes, type MatrixServices } from "./routes.ts";

export interface MatrixdDependencies extends MatrixServices {
  embed: EmbedClient;
  vectors: VectorClient;
}

export function buildApp({ embed, vectors, ...services }: MatrixdDependencies, platform: Platform): FastifyInstance {
  const app = createServer(platform, { readiness: () => readiness(embed, vectors) });
  addRoutes(app, services);
  return app;
}
