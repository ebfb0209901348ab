import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { canonicalOrigin } from "./host-names.ts";

const methods = "GET, HEAD, POST, PUT, PATCH, DELETE";
/** Request headers that a page may send. */
const sendable = /^(?:authorization|content-type|x-request-id|x-lakehouse-[a-z0-9-]+)$/;
/** Response headers that a page may read. */
const exposed = "x-request-id, x-lakehouse-query-id, x-lakehouse-truncated, retry-after, etag";
/** How long a browser may remember a preflight, in seconds. */
const PREFLIGHT_SECONDS = "600";

/** Answers the CORS requests of pages from `origins` (Fetch standard §3.2), and nobody else's. Before authentication: a preflight has no token. */
export function addCors(app: FastifyInstance, origins: readonly string[]): void {
  const allowed = new Set(origins);
  app.addHook("onRequest", async (request, reply) => {
    const { origin } = request.headers;
    if (origin === undefined || !allowed.has(canonicalOrigin(origin) ?? "")) return;
    reply.header("access-control-allow-origin", origin);
    if (isPreflight(request)) return answerPreflight(request, reply);
    reply.header("access-control-expose-headers", exposed);
  });
}

function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
}

function answerPreflight({ headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
  const asked = String(headers["access-control-request-headers"] ?? "").toLowerCase();
  const granted = asked
    .split(",")
    .map((name) => name.trim())
    .filter((name) => sendable.test(name));
  reply.header("access-control-allow-methods", methods).header("access-control-max-age", PREFLIGHT_SECONDS);
  if (granted.length > 0) reply.header("access-control-allow-headers", granted.join(", "));
  return reply.code(204).send();
}
