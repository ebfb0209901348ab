import { addOpenaiErrors, createServer, type Platform, requestContext } from "@lakehouse/server";
import type { FastifyInstance, RouteHandler } from "fastify";
import { addApiDocument } from "./api-document.ts";
import { forward } from "./forward.ts";
import { gatherStatus } from "./status.ts";
import { prefixes, type Upstreams } from "./upstreams.ts";

const methods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"] as const;

export function buildApp(upstreams: Upstreams, platform: Platform): FastifyInstance {
  const app = createServer(platform);
  leaveBodies(app);
  app.get("/v1/status", (request, reply) => gatherStatus(upstreams, requestContext(request, reply)));
  addApiDocument(app);
  for (const { prefix, service, bare, ...rest } of prefixes) {
    const handler: RouteHandler = (request, reply) => forward(request, reply, upstreams[service]);
    const urls = bare ? [`/v1${prefix}`, `/v1${prefix}/*`] : [`/v1${prefix}/*`];
    app.register((scope, _options, done) => {
      if ("errors" in rest) addOpenaiErrors(scope, platform.logger);
      for (const url of urls) scope.route({ method: [...methods], url, handler });
      done();
    });
  }
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
