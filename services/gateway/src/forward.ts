import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { PassThrough, type Readable } from "node:stream";
import { tracedCall } from "@lakehouse/clients";
import { LakehouseError } from "@lakehouse/contracts";
import { spanOf } from "@lakehouse/server";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Dispatcher } from "undici";
import { targetPath } from "./target-path.ts";
import type { Upstream } from "./upstreams.ts";

/** RFC 9110 §7.6.1: of this connection only. `expect` too: Node has answered it, and undici refuses it. */
const hopByHop = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Of an upload, between the client's socket and the upstream's. */
const BODY_BUFFER_BYTES = 256 * 2 ** 10;

/**
 * Sends a request on and its answer back, both streamed and never buffered. The upstream's status, headers and body pass
 * untouched; a client that goes away aborts the upstream call; an upstream that breaks off breaks the client's connection.
 * @throws LakehouseError `upstream_unavailable`, `upstream_timeout` while no head of an answer has come
 */
export async function forward(request: FastifyRequest, reply: FastifyReply, upstream: Upstream): Promise<FastifyReply> {
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  const { statusCode, headers, body } = await dispatch(request, upstream, gone.signal);
  return reply.code(statusCode).headers(endToEnd(headers)).send(body);
}

async function dispatch(request: FastifyRequest, upstream: Upstream, signal: AbortSignal) {
  const path = targetPath(request.originalUrl, upstream.basePath);
  const method = request.method as Dispatcher.HttpMethod;
  return tracedCall(spanOf(request), { method, upstream: upstream.service }, async (traceparent) => {
    const own = { "x-request-id": request.id, ...(traceparent === undefined ? {} : { traceparent }) };
    const headers = { ...endToEnd(request.headers), ...own };
    const body = hasBody(request.raw) ? detached(request.raw) : null;
    try {
      return await upstream.pool.request({ method, path, headers, body, signal });
    } catch (error) {
      throw explain(error, upstream);
    }
  });
}

/** undici destroys a stream that it could not send to its end; were that the request, the client would never see the answer. */
function detached(request: IncomingMessage): Readable {
  return request.pipe(new PassThrough({ highWaterMark: BODY_BUFFER_BYTES }));
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = new Set(
    String(headers.connection ?? "")
      .toLowerCase()
      .split(/[\s,]+/),
  );
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hopByHop.has(name) && !named.has(name)));
}

function explain(error: unknown, { service }: Upstream): unknown {
  const { code = "" } = error as NodeJS.ErrnoException;
  const details = { upstream: service };
  if (code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT") {
    return new LakehouseError("upstream_timeout", `${service} took too long to answer.`, { details, cause: error });
  }
  return new LakehouseError("upstream_unavailable", `${service} can't be reached.`, { details, cause: error });
}
