import { openApiDocument } from "@lakehouse/contracts/api";
import type { FastifyInstance } from "fastify";
import manifest from "../package.json" with { type: "json" };

/** Serves the whole API's description. Written at the first request, since few ask for it, and kept. */
export function addApiDocument(app: FastifyInstance): void {
  let text: string | undefined;
  for (const path of ["/openapi.json", "/v1/openapi.json"]) {
    app.get(path, (_request, reply) => {
      text ??= JSON.stringify(openApiDocument(manifest.version));
      return reply.type("application/json; charset=utf-8").send(text);
    });
  }
}
