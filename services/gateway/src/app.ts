import type { Whoami } from "@lakehouse/contracts";
import { createServer, leaveContinueToTheRoutes, type Platform, requestContext } from "@lakehouse/server";
import type { FastifyInstance } from "fastify";
import { addApiDocument } from "./api-document.ts";
import { addForwarding } from "./forwarding.ts";
import { gatherStatus } from "./status.ts";
import type { Upstreams } from "./upstreams.ts";

export function buildApp(upstreams: Upstreams, platform: Platform): FastifyInstance {
  const app = createServer(platform, { isEdge: true });
  leaveBodies(app);
  leaveContinueToTheRoutes(app);
  app.get("/v1/status", (request, reply) => gatherStatus(upstreams, requestContext(request, reply)));
  app.get("/v1/whoami", async ({ identity }): Promise<Whoami | undefined> => identity?.grant);
  addApiDocument(app);
  addForwarding(app, upstreams, platform);
  return app;
}

const mediaType = /^[^\s/;]+\/[^\s/;]+\s*(;|$)/;

/** Bodies are not this process's to read, nor their types to judge: Fastify would refuse one that is malformed. */
function leaveBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null));
  app.addHook("onRequest", async ({ headers }) => {
    const type = headers["content-type"];
    if (type !== undefined && !mediaType.test(type)) delete headers["content-type"]; // `forward` sends it as it came
  });
}
