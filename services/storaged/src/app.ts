import { createServer, leaveContinueToTheRoutes, type Platform } from "@lakehouse/server";
import type { FastifyInstance } from "fastify";
import type { Buckets } from "./buckets.ts";
import { addStateGauges } from "./metrics.ts";
import { PutAdmission } from "./put-admission.ts";
import { addListRoute, addObjectRoutes } from "./routes.ts";

export function buildApp(buckets: Buckets, platform: Platform): FastifyInstance {
  const app = createServer(platform, { readiness: () => buckets.readiness() });
  const admission = new PutAdmission(platform.config.storaged);
  addStateGauges(platform.registry, () => admission.inFlight);
  takeAnyBody(app);
  leaveContinueToTheRoutes(app);
  addObjectRoutes(app, { buckets, admission });
  addListRoute(app, buckets);
  return app;
}

/** An object is bytes, whatever its type is said to be: also none, or one that is malformed. */
function takeAnyBody(app: FastifyInstance): void {
  app.addHook("onRequest", async ({ headers }) => {
    delete headers["content-type"];
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null));
}
