import { type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { type ErrorBody, type ErrorCode, errorTable } from "@lakehouse/contracts";
import { LakehouseError } from "@lakehouse/core";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "../telemetry/logger.ts";
import { requestIdOf } from "./request-context.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** What a body may be, as the end of "send …". */
    bodyTypes: string;
  }
}

/** What an error looks like on the wire. */
export type RenderError = (error: LakehouseError, requestId: string) => object;

/** The one place where an error becomes a response. */
export function addErrorHandler(app: FastifyInstance, logger: Logger, render: RenderError = errorBody): void {
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply, logger, render));
}

function sendError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  logger: Logger,
  render: RenderError,
): FastifyReply {
  const known = explainError(error, request, logger);
  const { status, retryAfterSeconds } = known;
  if (retryAfterSeconds !== undefined) reply.header("retry-after", retryAfterSeconds);
  // Fastify closes after a body that it can't take; who still sends then meets a reset, never the answer. See drainWhatIsLeft.
  reply.removeHeader("connection");
  return reply.code(status).type("application/json; charset=utf-8").send(render(known, request.id));
}

/** What the client is told. A fault of ours or of a peer is logged; what a client did wrong is its own to know. */
export function explainError(error: unknown, request: FastifyRequest, logger: Logger): LakehouseError {
  const known = refusedBody(error, request) ?? toLakehouseError(error);
  const { code, status, message } = known;
  const gone = request.raw.socket?.destroyed === true;
  if (status >= 500 && !gone) logger.warn({ err: error, code, request_id: request.id }, message);
  return known;
}

export function errorBody(error: LakehouseError, requestId: string): ErrorBody {
  const { sentence, code, details } = error;
  return { error: sentence, code, request_id: requestId, ...(details === undefined ? {} : { details }) };
}

/** Fastify's refusals of a body, with what it takes to send another. */
function refusedBody(error: unknown, { headers, routeOptions, server }: FastifyRequest): LakehouseError | undefined {
  const { code } = (error ?? {}) as Partial<FastifyError>;
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    const { bodyLimit } = routeOptions;
    const details = { limit_bytes: bodyLimit };
    return new LakehouseError("payload_too_large", `The body is over ${bodyLimit} bytes.`, { details });
  }
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") {
    const type = headers["content-type"];
    const sent = type === undefined ? "A body without a Content-Type" : `The Content-Type ${JSON.stringify(type)}`;
    return new LakehouseError("unsupported_media_type", `${sent} is not taken here; send ${server.bodyTypes}.`);
  }
  return undefined;
}

/** Fastify's own refusals in our words; anything that is not ours is a fault of ours, and says nothing of itself. */
export function toLakehouseError(error: unknown): LakehouseError {
  if (error instanceof LakehouseError) return error;
  const { statusCode = 500, message = "" } = (error ?? {}) as Partial<FastifyError>;
  if (statusCode >= 400 && statusCode < 500) return new LakehouseError("invalid_request", message, { cause: error });
  return new LakehouseError("internal_error", "Something went wrong here; the log has the cause.", { cause: error });
}

/** Requests that Node's parser refuses never reach a route: answered on the bare socket, in the same shape. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (socket.writable && error.code !== "ECONNRESET") {
    const code = brokenRequestCodes[error.code ?? ""] ?? "invalid_request";
    const { status } = errorTable[code];
    const requestId = requestIdOf({ headers: {} });
    const body = bodyOfCode(code, requestId, code === "invalid_request" ? whyBroken(error) : undefined);
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json; charset=utf-8\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\nx-request-id: ${requestId}\r\nconnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroySoon();
}

/** `Expect: anything-else` (RFC 9110 §10.1.1): Node would answer 417 without a word, before any route. */
export function refuseExpectation(request: IncomingMessage, response: ServerResponse): void {
  const requestId = requestIdOf(request);
  const body = bodyOfCode("expectation_failed", requestId);
  const headers = {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(body),
    "x-request-id": requestId,
    connection: "close",
  };
  response.writeHead(errorTable.expectation_failed.status, headers).end(body);
}

/** llhttp says what it stumbled over, such as a character in the path that has to be percent-encoded. */
function whyBroken({ reason }: NodeJS.ErrnoException & { reason?: string }): string {
  return `The request is not well-formed HTTP${reason ? `: ${reason}` : ""}.`;
}

function bodyOfCode(code: ErrorCode, requestId: string, sentence: string = errorTable[code].meaning): string {
  return JSON.stringify(errorBody(new LakehouseError(code, sentence), requestId));
}

const brokenRequestCodes: Record<string, ErrorCode> = {
  HPE_HEADER_OVERFLOW: "headers_too_large",
  ERR_HTTP_REQUEST_TIMEOUT: "request_timeout",
};
