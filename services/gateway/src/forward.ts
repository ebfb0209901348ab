import type { IncomingMessage } from "node:http";
import { PassThrough, type Readable } from "node:stream";
import { callerHeaders, startCall } from "@lakehouse/clients";
import { callerHeader } from "@lakehouse/contracts";
import { sendContinue, spanOf } from "@lakehouse/server";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Dispatcher } from "undici";
import { AnswerRelay } from "./answer-relay.ts";
import { endToEnd } from "./end-to-end-headers.ts";
import { targetPath } from "./target-path.ts";
import type { Upstream } from "./upstreams.ts";

/** Of an upload, between the client's socket and the upstream's. */
const BODY_BUFFER_BYTES = 256 * 2 ** 10;

/**
 * Sends a request on and its answer back, both streamed and never buffered. The upstream's status, headers and body pass
 * untouched; a client that goes away aborts the upstream call; an upstream that breaks off breaks the client's connection.
 * Resolves when the answer's head is there.
 * @param token the services' own, empty where there is none: an upstream believes it about who asked
 * @throws LakehouseError `invalid_request`; `upstream_unavailable`, `upstream_timeout` while no head of an answer has come
 */
export async function forward(
  request: FastifyRequest,
  reply: FastifyReply,
  upstream: Upstream,
  token: string,
): Promise<void> {
  const method = request.method as Dispatcher.HttpMethod;
  const path = targetPath(request.originalUrl, upstream.basePath);
  const parent = spanOf(request);
  const span = parent && startCall(parent, { method, upstream: upstream.service });
  sendContinue(request, reply);
  const options = { method, path, headers: headersOf(request, token, span?.traceparent), body: bodyOf(request.raw) };
  await new Promise<void>((started, failed) => {
    const call = { service: upstream.service, started, failed, span };
    upstream.pool.dispatch(options, new AnswerRelay(reply, call));
  });
}

/** Between a browser and the gateway, which has judged them; and what only services say of themselves. */
const edgeHeaders: ReadonlySet<string> = new Set([
  "host",
  "origin",
  "sec-fetch-site",
  "sec-fetch-mode",
  "sec-fetch-dest",
  "sec-fetch-user",
  callerHeader,
]);

function headersOf(
  { headers, id, raw, identity }: FastifyRequest,
  token: string,
  traceparent: string | undefined,
): Record<string, string | string[]> {
  const caller = token === "" ? {} : callerHeaders(identity?.caller);
  return {
    ...endToEnd(headers, edgeHeaders),
    ...(callerHeader in caller ? { authorization: `Bearer ${token}`, ...caller } : {}),
    ...(headers["content-type"] === undefined ? hiddenContentType(raw) : {}),
    "x-request-id": id,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

/** One that is malformed was hidden from Fastify; what it is worth is for the service to say. */
function hiddenContentType({ rawHeaders }: IncomingMessage): { "content-type"?: string } {
  const at = rawHeaders.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === "content-type");
  return at === -1 ? {} : { "content-type": rawHeaders[at + 1]! };
}

function bodyOf(request: IncomingMessage): Buffer | Readable | null {
  const length = request.headers["content-length"];
  if (request.headers["transfer-encoding"] === undefined && Number(length ?? 0) === 0) return null;
  // A small one came together with its head: no stream is needed for what is here already.
  if (request.readableLength === Number(length)) return request.read();
  // undici destroys a stream that it could not send to its end; were that the request, the client would never see the answer.
  return request.pipe(new PassThrough({ highWaterMark: BODY_BUFFER_BYTES }));
}
