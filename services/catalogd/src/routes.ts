import { gcRequestSchema, registerRequestSchema } from "@lakehouse/contracts";
import { parseRequest } from "@lakehouse/core";
import { callerOf, isNotModified, requestContext, takeJson } from "@lakehouse/server";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Catalog } from "./catalog.ts";
import type { GarbageCollector } from "./garbage.ts";
import type { CatalogMetrics } from "./metrics.ts";
import { type Representation, representList, representManifest } from "./representation.ts";

export interface CatalogServices {
  catalog: Catalog;
  collector: GarbageCollector;
  metrics: CatalogMetrics;
}

type ByName = { Params: { name: string } };

export function addRoutes(app: FastifyInstance, { catalog, collector, metrics }: CatalogServices): void {
  app.register((scope, _options, done) => {
    // A column may be called anything, and is a key of an object's stats.
    takeJson(scope, { anyKey: true });
    scope.post("/catalog/register", async (request, reply) => {
      const register = parseRequest(registerRequestSchema, request.body);
      const context = requestContext(request, reply);
      return metrics.countRegister(register.mode, () => catalog.register(register, context));
    });
    done();
  });

  app.get<ByName>("/catalog/manifest/:name", async (request, reply) => {
    return sendUnlessHeld(request, reply, representManifest(catalog.manifest(request.params.name, callerOf(request))));
  });

  app.delete<ByName>("/catalog/manifest/:name", async (request, reply) => {
    await catalog.delete(request.params.name, requestContext(request, reply));
    return reply.code(204).send();
  });

  app.get("/catalog/list", async (request, reply) =>
    sendUnlessHeld(request, reply, representList(catalog.list(callerOf(request)))),
  );

  app.register((scope, _options, done) => {
    // A collection needs no options, so `{}`, an empty body and no body mean the same, whatever Content-Type curl says.
    takeJson(scope, { emptyAs: "{}" });
    scope.post("/catalog/gc", async (request, reply) => {
      const { dry_run } = parseRequest(gcRequestSchema, request.body ?? {});
      return collector.collect(dry_run, requestContext(request, reply));
    });
    done();
  });
}

/** 304 where the client has this content already. */
function sendUnlessHeld(request: FastifyRequest, reply: FastifyReply, { body, etag }: Representation): FastifyReply {
  reply.header("etag", etag);
  if (isNotModified(request.headers["if-none-match"], etag)) return reply.code(304).send();
  return reply.type("application/json; charset=utf-8").send(body);
}
