import type { ServiceName } from "@lakehouse/contracts";
import type { Span } from "@lakehouse/core";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Config } from "../config/config-schema.ts";
import type { Logger } from "./logger.ts";
import { routeOf } from "./metrics.ts";

/** Makes spans of requests, and sends them on in the background. */
export interface Tracer {
  /** @param traceparent as the client sent it; one that is not valid begins a trace of its own */
  startRequest(name: string, attributes: Record<string, string>, traceparent: string | undefined): Span;
  /** Sends what is left, for a bounded while. */
  shutdown(): Promise<void>;
}

/** Asked every few seconds by whoever watches; traces of them would bury the others. */
const untraced = new Set(["/health", "/ready", "/metrics"]);

const spans = new WeakMap<FastifyRequest, Span>();

/** Where traces are off, the SDK is not even loaded. */
export async function openTracer(
  service: ServiceName,
  telemetry: Config["telemetry"],
  logger: Logger,
): Promise<Tracer | undefined> {
  if (telemetry.otlp_endpoint === "") return undefined;
  const { openOtlpTracer } = await import("./otlp-tracer.ts");
  return openOtlpTracer(service, telemetry, logger);
}

/** A span for each request, from its head to the end of its answer. */
export function addTraces(app: FastifyInstance, tracer: Tracer): void {
  app.addHook("onRequest", async (request) => {
    const route = routeOf(request);
    if (untraced.has(route)) return;
    const { traceparent } = request.headers;
    const attributes = {
      "http.request.method": request.method,
      "http.route": route,
      "lakehouse.request_id": request.id,
    };
    const offered = typeof traceparent === "string" ? traceparent : undefined;
    spans.set(request, tracer.startRequest(`${request.method} ${route}`, attributes, offered));
  });
  app.addHook("onResponse", async (request, reply) => {
    const gone = !reply.raw.writableEnded;
    spans.get(request)?.end(gone ? { error: "client_gone" } : { status: reply.statusCode });
  });
}

/** What a trace is looked up by: the second part of `00-<trace>-<span>-<flags>`. */
export function traceIdOf({ traceparent }: Span): string {
  return traceparent.split("-")[1]!;
}

/** The request's own span; undefined where traces are off. */
export function spanOf(request: FastifyRequest): Span | undefined {
  return spans.get(request);
}
