import { type ApiRoute, apiRoutes } from "@lakehouse/contracts/api-routes";
import { assertNotReserved } from "@lakehouse/core";
import { addOpenaiErrors, type Platform, refuseUnknownRoute, requestKey, routePattern } from "@lakehouse/server";
import type { FastifyInstance, FastifyRequest, RouteHandler } from "fastify";
import { forward } from "./forward.ts";
import { belowVersion, climbOf } from "./target-path.ts";
import { prefixes, type Upstreams } from "./upstreams.ts";

const methods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

type Prefix = (typeof prefixes)[number];

/** Every route of the API table that a service behind the gateway has, each with its scope, and what else may lie under its prefix. */
export function addForwarding(app: FastifyInstance, upstreams: Upstreams, platform: Platform): void {
  // Before any key or route is looked at, and for every caller alike.
  app.addHook("onRequest", ({ originalUrl }, _reply, done) => done(climbOf(originalUrl)));
  for (const prefix of prefixes) {
    const send: RouteHandler = (request, reply) => forward(request, reply, upstreams[prefix.service], platform.token());
    app.register((scope, _options, done) => {
      if ("errors" in prefix) addOpenaiErrors(scope, platform.logger);
      const routes = apiRoutes.filter((route) => ownerOf(route) === prefix);
      for (const route of routes) addRoute(scope, route, send);
      addRest(scope, prefix, routes, send);
      done();
    });
  }
}

/** The longest prefix that a path begins with. */
function ownerOf({ path, service }: ApiRoute): Prefix | undefined {
  return prefixes
    .filter((one) => one.service === service && `${path}/`.startsWith(`/v1${one.prefix}/`))
    .reduce<Prefix | undefined>(
      (best, one) => (best && best.prefix.length > one.prefix.length ? best : one),
      undefined,
    );
}

function addRoute(app: FastifyInstance, route: ApiRoute, send: RouteHandler): void {
  const write: RouteHandler = function (request, reply) {
    assertWritable(request);
    return send.call(this, request, reply);
  };
  const handler = route.scope === "storage:write" ? write : send;
  app.route({ method: servedMethods(route), url: routePattern(route.path), exposeHeadRoute: false, handler });
}

/** GET answers HEAD too, unless the table has a HEAD of its own. */
function servedMethods({ method, path }: ApiRoute): string[] {
  const hasOwnHead = apiRoutes.some((one) => one.method === "HEAD" && one.path === path);
  return method === "GET" && !hasOwnHead ? ["GET", "HEAD"] : [method];
}

/**
 * Paths and methods that the table lacks are the service's to refuse. For a token that may not do everything the table is the list
 * of what there is: a server on the way could make another path of what it gets. So it is for everybody who may not write each key.
 */
function addRest(
  app: FastifyInstance,
  { prefix, service, bare }: Prefix,
  routes: ApiRoute[],
  send: RouteHandler,
): void {
  const handler: RouteHandler = function (request, reply) {
    const mayAll = service === "storaged" ? mayWriteReserved(request) : isAdministrator(request);
    if (!mayAll) refuseUnknownRoute(request, reply, apiRoutes);
    return send.call(this, request, reply);
  };
  for (const url of bare ? [`/v1${prefix}`, `/v1${prefix}/*`] : [`/v1${prefix}/*`]) {
    const taken = routes.filter(({ path }) => routePattern(path) === url).flatMap(servedMethods);
    const rest = methods.filter((method) => !taken.includes(method));
    app.route({ method: rest, url, exposeHeadRoute: false, config: { scope: "any" }, handler });
  }
}

/** @throws LakehouseError `invalid_key`, `reserved_key` */
function assertWritable(request: FastifyRequest): void {
  const key = requestKey(belowVersion(request.originalUrl));
  if (!mayWriteReserved(request)) assertNotReserved(key);
}

function isAdministrator({ identity }: FastifyRequest): boolean {
  return identity?.caller.scopes.includes("admin") === true;
}

/** Where no token is configured everybody may do everything but this. */
function mayWriteReserved(request: FastifyRequest): boolean {
  return isAdministrator(request) && request.identity?.caller.name !== "anonymous";
}
