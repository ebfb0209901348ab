import { Readable } from "node:stream";
import {
  addIdempotentRequestSchema,
  addTraceRequestSchema,
  retireTraceRequestSchema,
  reviseTraceRequestSchema,
  traceSearchRequestSchema,
  updateTraceRequestSchema,
} from "@lakehouse/contracts";
import { parseRequest } from "@lakehouse/core";
import { takeJson } from "@lakehouse/server";
import type { FastifyInstance, FastifyReply } from "fastify";
import { WHOLE_ANSWER_TRACES_MAX } from "./limits.ts";
import { renderHit, renderList, renderTrace } from "./representation.ts";
import type { Answered, TraceMemory } from "./trace-memory.ts";
import { parseExactly } from "./traces/exact-json.ts";

type ByUid = { Params: { uid: string } };

/** @param memory waits for the log to be read, for a while */
export function addRoutes(app: FastifyInstance, memory: () => Promise<TraceMemory>): void {
  takeJson(app, { parse: parseExactly }); // every number keeps its digits

  app.post("/pathway/add", async ({ body }, reply) =>
    sendTrace(reply, 201, await (await memory()).add(parseRequest(addTraceRequestSchema, body))),
  );

  app.post("/pathway/add_idempotent", async ({ body }, reply) => {
    const { view, existing } = await (await memory()).addIdempotent(parseRequest(addIdempotentRequestSchema, body));
    return sendJson(reply.code(existing ? 200 : 201), `{"trace":${renderTrace(view)},"existing":${existing}}`);
  });

  app.post("/pathway/update", async ({ body }, reply) =>
    sendTrace(reply, 200, await (await memory()).update(parseRequest(updateTraceRequestSchema, body))),
  );

  app.post("/pathway/revise", async ({ body }, reply) =>
    sendTrace(reply, 201, await (await memory()).revise(parseRequest(reviseTraceRequestSchema, body))),
  );

  app.post("/pathway/retire", async ({ body }, reply) =>
    sendTrace(reply, 200, await (await memory()).retire(parseRequest(retireTraceRequestSchema, body).uid)),
  );

  app.get<ByUid>("/pathway/get/:uid", async ({ params }, reply) =>
    sendTrace(reply, 200, { view: (await memory()).get(params.uid) }),
  );

  app.get<ByUid>("/pathway/history/:uid", async ({ params }, reply) =>
    sendList(reply, "traces", (await memory()).history(params.uid), renderTrace),
  );

  app.post("/pathway/search", async ({ body }, reply) =>
    sendList(reply, "results", await (await memory()).search(parseRequest(traceSearchRequestSchema, body)), renderHit),
  );

  app.get("/pathway/stats", async () => (await memory()).stats());
}

function sendTrace(reply: FastifyReply, status: number, { view }: Pick<Answered, "view">): FastifyReply {
  return sendJson(reply.code(status), `{"trace":${renderTrace(view)}}`);
}

function sendList<T>(
  reply: FastifyReply,
  name: string,
  items: readonly T[],
  render: (item: T) => string,
): FastifyReply {
  const pieces = renderList(name, items, render);
  return sendJson(reply, items.length <= WHOLE_ANSWER_TRACES_MAX ? [...pieces].join("") : Readable.from(pieces));
}

function sendJson(reply: FastifyReply, body: string | Readable): FastifyReply {
  return reply.type("application/json; charset=utf-8").send(body);
}
