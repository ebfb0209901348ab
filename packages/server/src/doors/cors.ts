import type { FastifyReply, FastifyRequest } from "fastify";
import { canonicalOrigin } from "../config/host-names.ts";

const methods = "GET, HEAD, POST, PUT, PATCH, DELETE";
/** Request headers that a page may send. */
const sendable = /^(?:authorization|content-type|x-request-id|x-lakehouse-[a-z0-9-]+)$/;
/** Response headers that a page may read. */
const exposed = "x-request-id, x-lakehouse-query-id, x-lakehouse-truncated, retry-after, etag";
/** How long a browser may remember a preflight, in seconds. */
const PREFLIGHT_SECONDS = "600";

/**
 * Answers the CORS requests of pages from `origins` (Fetch standard §3.2), and nobody else's.
 * @returns tells whether the request was a preflight, and is answered
 */
export function cors(origins: readonly string[]): (request: FastifyRequest, reply: FastifyReply) => boolean {
  const allowed = new Set(origins);
  return (request, reply) => {
    const { origin } = request.raw.headers;
    if (origin === undefined || !allowed.has(canonicalOrigin(origin) ?? "")) return false;
    reply.header("access-control-allow-origin", origin);
    if (isPreflight(request)) {
      answerPreflight(request, reply);
      return true;
    }
    reply.header("access-control-expose-headers", exposed);
    return false;
  };
}

function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
}

function answerPreflight({ headers }: FastifyRequest, reply: FastifyReply): void {
  const asked = String(headers["access-control-request-headers"] ?? "").toLowerCase();
  const granted = asked
    .split(",")
    .map((name) => name.trim())
    .filter((name) => sendable.test(name));
  reply.header("access-control-allow-methods", methods).header("access-control-max-age", PREFLIGHT_SECONDS);
  if (granted.length > 0) reply.header("access-control-allow-headers", granted.join(", "));
  void reply.code(204).send();
}
