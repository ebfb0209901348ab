import type { Scope } from "@lakehouse/contracts";
import { apiRoutes, type RouteScope } from "@lakehouse/contracts/api-routes";
import { LakehouseError } from "@lakehouse/core";
import type { FastifyInstance } from "fastify";

declare module "fastify" {
  interface FastifyContextConfig {
    /** What a token needs here; looked up in the API table where a route does not say it. */
    scope?: RouteScope;
  }
}

/** Gives every route its scope of the API table; a route that is not there is for administrators. */
export function addRouteScopes(app: FastifyInstance): void {
  app.addHook("onRoute", (route) => {
    const [method = ""] = [route.method].flat();
    route.config = { ...route.config, scope: route.config?.scope ?? scopeOf(method, route.url) };
  });
}

/** @throws LakehouseError `forbidden_scope` */
export function assertScope(granted: readonly Scope[], needed: RouteScope): void {
  if (needed === "any" || granted.includes("admin")) return;
  const missing = [needed].flat().filter((scope) => !granted.includes(scope));
  if (missing.length === 0) return;
  const needs = missing.join(" ");
  throw new LakehouseError("forbidden_scope", `The token lacks the scope ${needs}.`, { details: { needs } });
}

function scopeOf(method: string, url: string): RouteScope {
  return table.get(`${method === "HEAD" ? "GET" : method} ${url}`) ?? "admin";
}

/** By method and pattern, both as the gateway serves them and, without `/v1`, as the services do. */
const table = new Map<string, RouteScope>(
  apiRoutes.flatMap(({ method, path, scope }) => {
    const pattern = routePattern(path);
    return [pattern, pattern.replace(/^\/v1(?=\/)/, "")].map((url) => [`${method} ${url}`, scope] as const);
  }),
);

/** Fastify's pattern of a path of the API table. */
export function routePattern(path: string): string {
  return path.replace("{key}", "*").replace(/\{(\w+)\}/g, ":$1");
}
