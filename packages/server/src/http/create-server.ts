import type { IncomingMessage } from "node:http";
import { LakehouseError } from "@lakehouse/core";
import Fastify, { type FastifyInstance } from "fastify";
import { addRouteScopes } from "../auth/route-scopes.ts";
import { addGate } from "../doors/gate.ts";
import type { Platform } from "../process/platform.ts";
import { addRequestLog } from "../telemetry/logger.ts";
import { addMetrics } from "../telemetry/metrics.ts";
import { addTraces } from "../telemetry/tracer.ts";
import { addErrorHandler, answerBrokenRequest, refuseExpectation } from "./error-handler.ts";
import { addHealth, type Readiness } from "./health.ts";
import { takeJson } from "./json-body.ts";
import { addNotFound } from "./not-found.ts";
import { requestIdOf } from "./request-context.ts";

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
  /** Faces clients, not peers: answers CORS requests, and believes nobody about who asked. */
  isEdge?: boolean;
  /** What a body may be, as the end of "send …"; JSON where it is left out. */
  bodyTypes?: string;
}

/** A Fastify with everything that SPEC §1 asks of a daemon and no route of its own beyond /health, /ready, /metrics. Never listens. */
export function createServer(platform: Platform, options: ServerOptions = {}): FastifyInstance {
  const { logger, registry } = platform;
  const { isEdge = false } = options;
  const app = Fastify({
    logger: false,
    genReqId: requestIdOf,
    rewriteUrl: routablePath,
    bodyLimit: options.bodyLimitBytes ?? BODY_BYTES_MAX,
    routerOptions: { maxParamLength: PARAM_CHARACTERS_MAX },
    // Node's own refusal of a request without a host has no body: see requireOneHost.
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
    if (isEdge) reply.header("vary", "Origin"); // refusals too: a cache must not keep one for other origins
  });
  app.decorate("bodyTypes", options.bodyTypes ?? "application/json");
  if (platform.tracer) addTraces(app, platform.tracer);
  addRouteScopes(app); // before the first route
  requireOneHost(app);
  addNotFound(app);
  addRequestLog(app, logger);
  addMetrics(app, registry);
  addErrorHandler(app, logger);
  addGate(app, platform, isEdge);
  addHealth(app, platform, options.readiness ?? (() => ({})));
  takeJson(app);
  drainWhatIsLeft(app);
  return app;
}

/** RFC 9112 §3.2.2: `GET http://host/path`, as clients send it to a proxy. */
const absoluteForm = /^https?:\/\/([^/?#]*)(.*)$/is;

/**
 * A path that is not percent-encoded UTF-8 still reaches its route, escaped once more, so that the service can say what is
 * wrong in its own words. `request.originalUrl` has it as it was sent, less the authority of an absolute form, which is the Host.
 */
function routablePath(message: IncomingMessage & { originalUrl?: string }): string {
  const [, authority, rest = ""] = absoluteForm.exec(message.url ?? "") ?? [];
  if (authority !== undefined) {
    message.headers.host = authority;
    message.originalUrl = rest.startsWith("/") ? rest : `/${rest}`;
  }
  const url = message.originalUrl ?? "/";
  const [path = ""] = url.split("?", 1);
  try {
    decodeURIComponent(path);
    return url;
  } catch {
    return path.replaceAll("%", "%25") + url.slice(path.length); // malformed: see above
  }
}

/** RFC 9112 §3.2: HTTP/1.1 without a Host is 400, and so are two: Node keeps the first, and a proxy may have looked at the last. */
function requireOneHost(app: FastifyInstance): void {
  app.addHook("onRequest", ({ raw: { httpVersion, rawHeaders } }, _reply, done) => {
    const hosts = hostCount(rawHeaders);
    if (hosts === 1 || (hosts === 0 && httpVersion === "1.0")) return done();
    done(new LakehouseError("invalid_request", `The request has ${hosts === 0 ? "no" : "more than one"} Host header.`));
  });
}

/** @param rawHeaders names and values in turn */
function hostCount(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length === 4 && name.toLowerCase() === "host") count += 1;
  }
  return count;
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
