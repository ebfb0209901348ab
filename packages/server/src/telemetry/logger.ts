import type { FastifyInstance } from "fastify";
import { type Logger, pino } from "pino";
import { callerNameOf } from "../auth/identity.ts";
import { LineBatch } from "./line-batch.ts";
import { loggedError } from "./logged-error.ts";
import { routeOf } from "./metrics.ts";
import { spanOf, traceIdOf } from "./tracer.ts";

export type { Logger } from "pino";

/** Lines that can't be written yet, because a disk is full, wait up to so many bytes; those after them are dropped. */
const BACKLOG_BYTES_MAX = 2 ** 20;

/** JSON lines on stdout. Headers and bodies are never handed to it, so a credential can't reach it. */
export function createLogger(service: string, level: string): Logger {
  // sync, as pino is by itself: else it would try again at the exit, for ever, to write what was left (sonic-boom 4.2).
  const stdout = pino.destination({ dest: 1, sync: true, maxLength: BACKLOG_BYTES_MAX });
  stdout.on("error", () => {}); // a log that can't be written must not end the service; there is nowhere to say so
  const lines = new LineBatch(stdout);
  process.on("exit", () => lines.flush());
  const serializers = { err: loggedError };
  return pino({ level, base: { service }, timestamp: pino.stdTimeFunctions.isoTime, serializers }, lines);
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
      caller: callerNameOf(request),
      ...(span && { trace_id: traceIdOf(span) }),
      msg: gone ? "client went away" : "request",
    });
  });
}
