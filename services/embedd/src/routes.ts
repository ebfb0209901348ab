import { parseRequest } from "@lakehouse/core";
import { requestContext } from "@lakehouse/server";
import type { FastifyInstance } from "fastify";
import { type BatchLimits, embedRequestWithin } from "./embed-request.ts";
import type { Embedder } from "./embedder.ts";
import { renderEmbeddings } from "./representation.ts";

export function addRoutes(app: FastifyInstance, embedder: Embedder, limits: BatchLimits): void {
  const requestSchema = embedRequestWithin(limits);

  app.post("/embed", async (request, reply) => {
    const asked = parseRequest(requestSchema, request.body);
    const embeddings = await embedder.embed(asked, requestContext(request, reply));
    return reply.type("application/json; charset=utf-8").send(renderEmbeddings(embeddings));
  });

  app.get("/embed/stats", async () => embedder.stats());
}
