import type { FastifyInstance } from "fastify";
import { type Logger, pino } from "pino";
import { routeOf } from "./metrics.ts";
import { spanOf, traceIdOf } from "./tracer.ts";

export type { Logger } from "pino";

/** JSON lines on stdout. Headers and bodies are never handed to it, so a credential can't reach it. */
export function createLogger(service: string, level: string): Logger {
  return pino({ level, base: { service }, timestamp: pino.stdTimeFunctions.isoTime });
}

/** One line a request, when its answer has ended or its client has gone. */
export function addRequestLog(app: FastifyInstance, logger: Logger): void {
  app.addHook("onResponse", async (request, reply) => {
    const gone = !reply.raw.writableEnded;
    const span = spanOf(request);
    logger.info({
      method: request.method,
      route: routeOf(request),
      status: gone ? 499 : reply.statusCode,
      duration_ms: Math.round(reply.elapsedTime * 1_000) / 1_000,
      request_id: request.id,
      ...(span && { trace_id: traceIdOf(span) }),
      msg: gone ? "client went away" : "request",
    });
  });
}
