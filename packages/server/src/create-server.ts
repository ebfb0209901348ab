import type { IncomingMessage } from "node:http";
import { LakehouseError } from "@lakehouse/contracts";
import Fastify, { type FastifyInstance } from "fastify";
import { addAuth } from "./auth.ts";
import { addErrorHandler, answerBrokenRequest, refuseExpectation } from "./error-handler.ts";
import { addHealth, type Readiness } from "./health.ts";
import { takeJson } from "./json-body.ts";
import { addRequestLog } from "./logger.ts";
import { addMetrics } from "./metrics.ts";
import { addNotFound } from "./not-found.ts";
import type { Platform } from "./platform.ts";
import { requestIdOf } from "./request-context.ts";
import { addTraces } from "./tracer.ts";

/** A JSON body that no route allows more for. */
const BODY_BYTES_MAX = 16 * 2 ** 20;
/** A key of 1024 bytes, each percent-encoded, fits four times. */
const PARAM_CHARACTERS_MAX = 16_384;
/** Node's parser refuses larger heads with 431. */
const HEADER_BYTES_MAX = 32 * 2 ** 10;
/** How long a client that was answered early may go on sending before its connection is cut. */
const DRAIN_MS_MAX = 10_000;

export interface ServerOptions {
  /** Asked by `GET /ready`; nothing to say is ok. */
  readiness?: Readiness;
  bodyLimitBytes?: number;
  /** What a body may be, as the end of "send …"; JSON where it is left out. */
  bodyTypes?: string;
}

/** A Fastify with everything that SPEC §1 asks of a daemon and no route of its own beyond /health, /ready, /metrics. Never listens. */
export function createServer(platform: Platform, options: ServerOptions = {}): FastifyInstance {
  const { logger, registry, auth } = platform;
  const app = Fastify({
    logger: false,
    genReqId: requestIdOf,
    rewriteUrl: routablePath,
    bodyLimit: options.bodyLimitBytes ?? BODY_BYTES_MAX,
    routerOptions: { maxParamLength: PARAM_CHARACTERS_MAX },
    // Node's own refusal of a request without a host has no body: see refuseHostless.
    http: { maxHeaderSize: HEADER_BYTES_MAX, requireHostHeader: false },
    exposeHeadRoutes: true,
    forceCloseConnections: "idle",
    // What is in flight finishes; a request on a kept-alive connection is still served, with `connection: close`.
    return503OnClosing: false,
    clientErrorHandler: answerBrokenRequest,
  });
  app.server.on("checkExpectation", refuseExpectation);
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
  });
  app.decorate("bodyTypes", options.bodyTypes ?? "application/json");
  if (platform.tracer) addTraces(app, platform.tracer);
  refuseHostless(app);
  addNotFound(app);
  addRequestLog(app, logger);
  addMetrics(app, registry);
  addErrorHandler(app, logger);
  addAuth(app, auth);
  addHealth(app, platform, options.readiness ?? (() => ({})));
  takeJson(app);
  drainWhatIsLeft(app);
  return app;
}

/**
 * A path that is not percent-encoded UTF-8 still reaches its route, escaped once more, so that the service can say what is
 * wrong in its own words. `request.originalUrl` has it as it was sent.
 */
function routablePath({ url = "/" }: IncomingMessage): string {
  const [path = ""] = url.split("?", 1);
  try {
    decodeURIComponent(path);
    return url;
  } catch {
    return path.replaceAll("%", "%25") + url.slice(path.length); // malformed: see above
  }
}

/** RFC 9112 §3.2: HTTP/1.1 without a host is 400. */
function refuseHostless(app: FastifyInstance): void {
  app.addHook("onRequest", async ({ raw }) => {
    if (raw.httpVersion !== "1.1" || raw.headers.host !== undefined) return;
    throw new LakehouseError("invalid_request", "The request has no Host header.");
  });
}

/**
 * An error that is answered while the client still sends: what it sends is read and dropped for a while, since closing
 * at once resets the connection and the client never sees the answer (RFC 9112 §9.6).
 */
function drainWhatIsLeft(app: FastifyInstance): void {
  app.addHook("onRequest", async (request, reply) => {
    if (!reply.raw.shouldKeepAlive) closeWhenRead(request.raw);
  });
  app.addHook("onResponse", async ({ raw }) => {
    if (raw.complete || raw.destroyed) return;
    raw.resume();
    const cut = setTimeout(() => raw.destroy(), DRAIN_MS_MAX);
    raw.once("close", () => clearTimeout(cut));
  });
}

/** Node closes a connection that is not kept right after the answer; it is told so, but read to its end before it is destroyed. */
function closeWhenRead(request: IncomingMessage): void {
  const { socket } = request;
  const destroySoon = socket.destroySoon.bind(socket);
  socket.destroySoon = () => {
    if (request.complete || request.destroyed) return destroySoon();
    socket.end();
    request.once("close", destroySoon);
  };
}
