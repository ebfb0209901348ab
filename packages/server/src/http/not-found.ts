import { LakehouseError } from "@lakehouse/core";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { routePattern } from "../auth/route-scopes.ts";

interface KnownRoute {
  method: string;
  /** As the API table has it, or as Fastify does. */
  path: string;
}

/** Unknown path: 404. Known path with another method: 405 with `Allow`. */
export function addNotFound(app: FastifyInstance): void {
  const known: KnownRoute[] = [];
  app.addHook("onRoute", ({ url, method }) => {
    for (const one of [method].flat()) known.push({ method: one, path: url });
  });
  app.setNotFoundHandler((request, reply) => refuseUnknownRoute(request, reply, known));
}

/** @throws LakehouseError `route_not_found`, `method_not_allowed` */
export function refuseUnknownRoute(request: FastifyRequest, reply: FastifyReply, known: readonly KnownRoute[]): never {
  const [path = ""] = request.originalUrl.split("?");
  const allowed = known.filter((route) => matches(routePattern(route.path), path)).map(({ method }) => method);
  if (allowed.length === 0) throw new LakehouseError("route_not_found", `There is no route ${request.method} ${path}.`);
  const allow = [...new Set(allowed)].join(", ");
  reply.header("allow", allow);
  throw new LakehouseError("method_not_allowed", `${request.method} is not allowed here; ${allow} is.`);
}

/** Fastify's patterns as they are used here: `:name` is a segment, a final `*` is the rest. */
function matches(pattern: string, path: string): boolean {
  const source = pattern
    .split(/(:[A-Za-z]+|\*)/)
    .map((part) => (part === "*" ? ".*" : part.startsWith(":") ? "[^/]+" : RegExp.escape(part)))
    .join("");
  return new RegExp(`^${source}$`).test(path);
}
