import { LakehouseError } from "@lakehouse/contracts";
import type { FastifyInstance } from "fastify";

/** Unknown path: 404. Known path with another method: 405 with `Allow`. */
export function addNotFound(app: FastifyInstance): void {
  const methodsByPattern = new Map<string, Set<string>>();
  app.addHook("onRoute", ({ url, method }) => {
    const methods = methodsByPattern.get(url) ?? new Set();
    for (const one of [method].flat()) methods.add(one);
    methodsByPattern.set(url, methods);
  });
  app.setNotFoundHandler((request, reply) => {
    const [path = ""] = request.originalUrl.split("?");
    const allowed = [...methodsByPattern].flatMap(([pattern, methods]) => (matches(pattern, path) ? [...methods] : []));
    if (allowed.length === 0)
      throw new LakehouseError("route_not_found", `There is no route ${request.method} ${path}.`);
    const allow = [...new Set(allowed)].join(", ");
    reply.header("allow", allow);
    throw new LakehouseError("method_not_allowed", `${request.method} is not allowed here; ${allow} is.`);
  });
}

/** Fastify's patterns as they are used here: `:name` is a segment, a final `*` is the rest. */
function matches(pattern: string, path: string): boolean {
  const source = pattern
    .split(/(:[A-Za-z]+|\*)/)
    .map((part) => (part === "*" ? ".*" : part.startsWith(":") ? "[^/]+" : RegExp.escape(part)))
    .join("");
  return new RegExp(`^${source}$`).test(path);
}
