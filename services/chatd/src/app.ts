import { createServer, type Platform } from "@lakehouse/server";
import type { FastifyInstance } from "fastify";
import type { Chat } from "./chat.ts";
import { addOpenaiRoutes } from "./openai-routes.ts";
import { readiness } from "./readiness.ts";
import { addRoutes } from "./routes.ts";

export function buildApp(chat: Chat, platform: Platform): FastifyInstance {
  const app = createServer(platform, { readiness: () => readiness(chat) });
  addRoutes(app, chat, platform.logger);
  addOpenaiRoutes(app, chat, platform.logger);
  return app;
}
