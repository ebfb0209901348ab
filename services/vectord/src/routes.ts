import { createIndexRequestSchema, searchRequestSchema } from "@lakehouse/contracts";
import { LakehouseError, parseRequest } from "@lakehouse/core";
import { takeJson } from "@lakehouse/server";
import type { FastifyInstance, FastifyReply } from "fastify";
import { BUSY_RETRY_SECONDS, SEARCHES_IN_FLIGHT_MAX } from "./limits.ts";
import type { parserCalls } from "./parser/parser-thread.ts";
import { LargeBodies } from "./request-bodies.ts";
import { renderHits } from "./search-answer.ts";
import type { RevivingThread } from "./threads/reviving-thread.ts";
import type { VectorIndexes } from "./vector-indexes.ts";

export interface VectorServices {
  indexes: VectorIndexes;
  parser: RevivingThread<typeof parserCalls>;
  maxAddBytes: number;
}

type ByName = { Params: { name: string } };
type Item = { Params: { name: string; id: string } };
type LargeBody = ByName & { Body: Uint8Array<ArrayBuffer> };

export function addRoutes(app: FastifyInstance, services: VectorServices): void {
  for (const addTo of [addIndexRoutes, addBatchRoutes]) {
    app.register((scope, _options, done) => {
      addTo(scope, services);
      done();
    });
  }
}

function addIndexRoutes(scope: FastifyInstance, { indexes }: VectorServices): void {
  let searches = 0;
  takeJson(scope, { anyKey: true });

  scope.post("/vectors/index", async (request, reply) => {
    const info = await indexes.create(parseRequest(createIndexRequestSchema, request.body));
    return reply.code(201).send(info);
  });

  scope.get("/vectors/index", async () => {
    const infos = indexes.list();
    return { indexes: infos, count: infos.length };
  });

  scope.get<ByName>("/vectors/index/:name", async ({ params }) => indexes.get(params.name).info());

  scope.delete<ByName>("/vectors/index/:name", async ({ params }, reply) => {
    await indexes.remove(params.name);
    return reply.code(204).send();
  });

  scope.post<ByName>("/vectors/index/:name/search", async ({ params, body }, reply) => {
    const index = indexes.get(params.name);
    const search = parseRequest(searchRequestSchema, body);
    if (searches >= SEARCHES_IN_FLIGHT_MAX) throw tooManySearches();
    searches += 1;
    try {
      return sendJson(reply, renderHits(await index.search(search)));
    } finally {
      searches -= 1;
    }
  });

  scope.get<Item>("/vectors/index/:name/items/:id", async ({ params }, reply) =>
    sendJson(reply, await indexes.get(params.name).item(params.id)),
  );
}

/** Bodies of any size: parsed elsewhere, and not read at all where the index is not there. */
function addBatchRoutes(scope: FastifyInstance, { indexes, parser, maxAddBytes }: VectorServices): void {
  scope.addHook<ByName>("onRequest", async ({ params }) => void indexes.get(params.name));
  new LargeBodies(maxAddBytes).take(scope);

  scope.post<LargeBody>("/vectors/index/:name/add", async ({ params, body = new Uint8Array() }) => {
    const index = indexes.get(params.name);
    return index.add(await parser.transfer([body.buffer], "parseAdd", body, index.kind, index.shards.total));
  });

  scope.post<LargeBody>("/vectors/index/:name/delete", async ({ params, body = new Uint8Array() }) => {
    const index = indexes.get(params.name);
    return index.deleteItems(await parser.transfer([body.buffer], "parseDelete", body, index.shards.total));
  });
}

function sendJson(reply: FastifyReply, text: string): FastifyReply {
  return reply.type("application/json; charset=utf-8").send(text);
}

function tooManySearches(): LakehouseError {
  const options = { retryAfterSeconds: BUSY_RETRY_SECONDS };
  return new LakehouseError("vectors_busy", `${SEARCHES_IN_FLIGHT_MAX} searches are under way.`, options);
}
