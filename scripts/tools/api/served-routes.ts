import diagnostics from "node:diagnostics_channel";
import type { ServiceName } from "@lakehouse/contracts";
import { type createServer, type Platform, testPlatform } from "@lakehouse/server";

type App = ReturnType<typeof createServer>;

interface Route {
  method: string;
  url: string;
}

/** Every daemon has these beside its own routes; through the gateway only the gateway's can be reached. */
const everyDaemons = new Set(["/health", "/ready", "/metrics"]);

/**
 * The routes of a service's own, as `METHOD path`, the path as the gateway serves it. Fastify itself tells of each route as it
 * is added; nothing listens, and no dependency is touched.
 */
export async function servedRoutes(service: ServiceName): Promise<string[]> {
  const routes = await addedRoutes(service);
  const own = service === "gateway" ? withoutForwarding(routes) : routes.filter(({ url }) => !everyDaemons.has(url));
  const prefix = service === "gateway" ? "" : "/v1";
  const names = own.map(({ method, url }) => `${method} ${prefix}${withBraces(url)}`);
  return names.filter((name) => !isImplied(name, names));
}

async function addedRoutes(service: ServiceName): Promise<Route[]> {
  const routes: Route[] = [];
  const listen = (message: unknown) => {
    (message as { fastify: App }).fastify.addHook("onRoute", ({ method, url }) => {
      for (const one of [method].flat()) routes.push({ method: one, url });
    });
  };
  const { buildApp } = (await import(`@lakehouse/${service}/internals/app`)) as {
    buildApp(dependencies: object, platform: Platform): App;
  };
  diagnostics.subscribe("fastify.initialization", listen);
  const app = buildApp({}, testPlatform(service));
  diagnostics.unsubscribe("fastify.initialization", listen);
  await app.ready(); // plugins add theirs now
  await app.close();
  return routes;
}

/** Less what lies under a prefix that the gateway forwards as a whole, such as `/v1/sql` and `/v1/sql/*`. */
function withoutForwarding(routes: Route[]): Route[] {
  const prefixes = routes.filter(({ url }) => url.endsWith("/*")).map(({ url }) => url.slice(0, -1));
  return routes.filter(({ url }) => !prefixes.some((prefix) => `${url}/`.startsWith(prefix)));
}

/** Fastify's `:name` is `{name}`, and its `*` the rest of a path: `{key}`. */
function withBraces(url: string): string {
  return url.replace(/:([A-Za-z]+)/g, "{$1}").replace(/\*$/, "{key}");
}

/** A HEAD that Fastify adds to each GET; the one of an object is a route of its own. */
function isImplied(name: string, all: string[]): boolean {
  if (!name.startsWith("HEAD ") || name === "HEAD /v1/storage/get/{key}") return false;
  return all.includes(name.replace("HEAD", "GET"));
}
