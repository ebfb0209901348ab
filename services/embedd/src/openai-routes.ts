import { embeddingsRequestSchema } from "@lakehouse/contracts";
import { LakehouseError, parseRequest } from "@lakehouse/core";
import { addOpenaiErrors, type Platform, requestContext } from "@lakehouse/server";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { textsWithin } from "./embed-request.ts";
import type { Embedder, Embeddings } from "./embedder.ts";
import { renderOpenaiEmbeddings } from "./openai-representation.ts";

/** What OpenAI's clients ask for, refused in the shape that they read. */
export function addOpenaiRoutes(app: FastifyInstance, embedder: Embedder, { config, logger }: Platform): void {
  const inputSchema = z.object({ input: textsWithin(config.embedd) });

  app.register((scope, _options, done) => {
    addOpenaiErrors(scope, logger);

    scope.post("/embeddings", async (request, reply) => {
      const { input, model, encoding_format, dimensions } = parseRequest(embeddingsRequestSchema, request.body);
      const { input: texts } = parseRequest(inputSchema, { input: [input].flat() });
      const asked = { texts, ...(model === undefined ? {} : { model }) };
      const embeddings = await embedder.embed(asked, requestContext(request, reply));
      assertDimensions(embeddings, dimensions);
      const body = renderOpenaiEmbeddings(embeddings, texts, encoding_format ?? "float");
      return reply.type("application/json; charset=utf-8").send(body);
    });

    done();
  });
}

/** Vectors are not shortened: a model has the numbers that it has. */
function assertDimensions({ model, vectors }: Embeddings, wanted: number | null | undefined): void {
  const { dimension } = vectors[0]!;
  if (wanted === undefined || wanted === null || wanted === dimension) return;
  const message = `expected ${dimension}, which is what ${model} has`;
  throw new LakehouseError("invalid_request", `dimensions: ${message}`, {
    details: [{ path: "dimensions", message }],
  });
}
