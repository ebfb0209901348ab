import { type ListResult, listQuerySchema, objectQuerySchema, type PutResult } from "@lakehouse/contracts";
import {
  assertNotReserved,
  type GetResult,
  isLakehouseError,
  LakehouseError,
  type ObjectStore,
  parseRequest,
} from "@lakehouse/core";
import { isNotModified, parseEntityTags, requestContext, requestKey, sendContinue } from "@lakehouse/server";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Buckets } from "./buckets.ts";
import { cursorAfter, keyOfCursor } from "./list-cursor.ts";
import { parseRange } from "./objects/byte-range.ts";
import type { PutAdmission } from "./put-admission.ts";
import { uploadBody } from "./upload-body.ts";

interface Dependencies {
  buckets: Buckets;
  admission: PutAdmission;
}

export function addObjectRoutes(app: FastifyInstance, { buckets, admission }: Dependencies): void {
  const writableObjectOf = (request: FastifyRequest) => {
    const object = objectOf(request);
    const { grant } = request.identity ?? {};
    // Services write for whoever asked them; without a token nobody can tell them from others here, so the gateway refuses.
    if (grant && !grant.scopes.includes("admin")) assertNotReserved(object.key);
    return object;
  };
  const objectOf = (request: FastifyRequest): { key: string; store: ObjectStore } => {
    const { bucket } = parseRequest(objectQuerySchema, request.query);
    return { key: requestKey(request.originalUrl), store: buckets.get(bucket) };
  };

  app.put("/storage/put/*", async (request, reply): Promise<PutResult> => {
    const { key, store } = writableObjectOf(request);
    assertWholeBody(request);
    const size = declaredBytes(request);
    const result = await admission.admit(key, size, (capBytes) => {
      sendContinue(request, reply);
      return store.put(key, uploadBody(request.raw, capBytes), size === undefined ? {} : { size });
    });
    reply.header("etag", result.etag);
    return result;
  });

  app.get("/storage/get/*", { exposeHeadRoute: false }, async (request, reply) => {
    const { key, store } = objectOf(request);
    const { signal } = requestContext(request, reply);
    return sendObject(reply, await getObject(request, reply, store, key, signal));
  });

  app.head("/storage/get/*", async (request, reply) => {
    const { key, store } = objectOf(request);
    const info = await store.head(key, requestContext(request, reply).signal);
    if (isNotModified(request.headers["if-none-match"], info.etag)) return describeObject(reply, info).code(304).send();
    return describeObject(reply, info).header("content-length", info.size).send();
  });

  app.delete("/storage/delete/*", async (request, reply) => {
    const { key, store } = writableObjectOf(request);
    await store.delete(key, requestContext(request, reply).signal);
    return reply.code(204).send();
  });
}

export function addListRoute(app: FastifyInstance, buckets: Buckets): void {
  app.get("/storage/list", async (request, reply): Promise<ListResult> => {
    const { prefix, limit, cursor, bucket } = parseRequest(listQuerySchema, request.query);
    const { signal } = requestContext(request, reply);
    const after = cursor === undefined ? {} : { after: keyOfCursor(cursor) };
    const { objects, next } = await buckets.get(bucket).list(prefix, { limit, signal, ...after });
    return {
      prefix,
      objects,
      truncated: next !== undefined,
      next_cursor: next === undefined ? null : cursorAfter(next),
    };
  });
}

/** RFC 9110 §14.5: a part that a client means to put into an object must not become the object. */
function assertWholeBody({ headers }: FastifyRequest): void {
  if (headers["content-range"] === undefined) return;
  throw new LakehouseError("invalid_request", "A PUT brings the whole object; Content-Range is not taken.");
}

function declaredBytes({ headers }: FastifyRequest): number | undefined {
  const declared = headers["content-length"];
  return declared === undefined ? undefined : Number(declared);
}

async function getObject(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  store: ObjectStore,
  key: string,
  signal: AbortSignal,
): Promise<GetResult> {
  const range = parseRange(headers.range);
  const ifNoneMatch = parseEntityTags(headers["if-none-match"]);
  const ifRange = headers["if-range"];
  try {
    return await store.get(key, {
      signal,
      ...(range && { range }),
      ...(ifNoneMatch && { ifNoneMatch }),
      ...(typeof ifRange === "string" && { ifRange }),
    });
  } catch (error) {
    if (isLakehouseError(error, "range_not_satisfiable")) {
      reply.header("content-range", `bytes */${error.details?.size}`);
    }
    throw error;
  }
}

function sendObject(reply: FastifyReply, result: GetResult): FastifyReply {
  describeObject(reply, result.info);
  if (result.status === "not_modified") return reply.code(304).send();
  const { info, range, body } = result;
  if (!range) return reply.header("content-length", info.size).send(body);
  return reply
    .code(206)
    .header("content-range", `bytes ${range.start}-${range.end}/${info.size}`)
    .header("content-length", range.end - range.start + 1)
    .send(body);
}

function describeObject(reply: FastifyReply, { etag, last_modified }: GetResult["info"]): FastifyReply {
  if (last_modified !== undefined) reply.header("last-modified", new Date(last_modified).toUTCString());
  return reply.type("application/octet-stream").header("etag", etag).header("accept-ranges", "bytes");
}
