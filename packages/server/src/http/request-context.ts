import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { requestIdPattern } from "@lakehouse/contracts";
import type { RequestContext } from "@lakehouse/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import { spanOf } from "../telemetry/tracer.ts";

/** The client's `x-request-id` where it is one, else a new one. */
export function requestIdOf(message: { headers: IncomingMessage["headers"] }): string {
  const offered = message.headers["x-request-id"];
  return typeof offered === "string" && requestIdPattern.test(offered) ? offered : randomUUID();
}

/** What domains and peers need to know of a request. Its signal aborts when the client goes away before the answer's end. */
export function requestContext(request: FastifyRequest, reply: FastifyReply): RequestContext {
  const gone = new AbortController();
  reply.raw.once("close", () => {
    if (!reply.raw.writableFinished) gone.abort(new DOMException("The client went away.", "AbortError"));
  });
  const span = spanOf(request);
  const traceparent = span?.traceparent ?? request.headers["traceparent"];
  return {
    requestId: request.id,
    signal: gone.signal,
    ...(typeof traceparent === "string" ? { traceparent } : {}),
    ...(span === undefined ? {} : { span }),
    ...(request.identity === undefined ? {} : { caller: request.identity.caller }),
  };
}
