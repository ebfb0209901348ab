import type { ServiceName } from "@lakehouse/contracts";
import type { Span, SpanOutcome } from "@lakehouse/core";
import {
  type Context,
  type Span as OtelSpan,
  type Tracer as OtelTracer,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import { type ExportResult, ExportResultCode, parseTraceParent } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type ReadableSpan,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { Config } from "../config/config-schema.ts";
import type { Logger } from "./logger.ts";
import type { Tracer } from "./tracer.ts";

/** Spans wait this long to be sent together; at most 2,048 of them (the SDK's bound), and what is beyond is dropped. */
const BATCH_MS = 1_000;
const EXPORT_MS_MAX = 2_000;
const SHUTDOWN_MS_MAX = 2_000;

/** OpenTelemetry's SDK, sending to a collector by OTLP over HTTP. The usual `OTEL_EXPORTER_OTLP_HEADERS` is heeded. */
export function openOtlpTracer(service: ServiceName, telemetry: Config["telemetry"], logger: Logger): Tracer {
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": service, "service.namespace": "lakehouse" }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(telemetry.sample_ratio) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new HeardExporter(telemetry.otlp_endpoint, logger),
        scheduledDelayMillis: BATCH_MS,
        exportTimeoutMillis: EXPORT_MS_MAX,
      }),
    ],
  });
  const tracer = provider.getTracer("lakehouse");
  return {
    startRequest(name, attributes, traceparent) {
      const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, contextOf(traceparent));
      return new OtlpSpan(tracer, span, SpanKind.SERVER);
    },
    async shutdown() {
      const { promise: tooLong, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, SHUTDOWN_MS_MAX);
      // A collector that is away was logged by the exporter, and is no reason for a service to end badly.
      await Promise.race([provider.shutdown().catch(() => undefined), tooLong]);
      clearTimeout(timer);
    },
  };
}

function contextOf(traceparent: string | undefined): Context {
  const parent = traceparent === undefined ? null : parseTraceParent(traceparent);
  return parent ? trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true }) : ROOT_CONTEXT;
}

class OtlpSpan implements Span {
  readonly traceparent: string;
  readonly #tracer: OtelTracer;
  readonly #span: OtelSpan;
  readonly #kind: SpanKind;

  constructor(tracer: OtelTracer, span: OtelSpan, kind: SpanKind) {
    const { traceId, spanId, traceFlags } = span.spanContext();
    this.traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
    this.#tracer = tracer;
    this.#span = span;
    this.#kind = kind;
  }

  startCall(name: string, attributes: Record<string, string>): Span {
    const context = trace.setSpan(ROOT_CONTEXT, this.#span);
    const span = this.#tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, context);
    return new OtlpSpan(this.#tracer, span, SpanKind.CLIENT);
  }

  /** A server's 4xx is its client's fault, a client's is its own (semantic conventions of HTTP spans). */
  end(outcome: SpanOutcome): void {
    if ("status" in outcome) this.#span.setAttribute("http.response.status_code", outcome.status);
    else this.#span.setAttribute("error.type", outcome.error);
    const failsFrom = this.#kind === SpanKind.SERVER ? 500 : 400;
    if ("error" in outcome || outcome.status >= failsFrom) this.#span.setStatus({ code: SpanStatusCode.ERROR });
    this.#span.end();
  }
}

/** A collector that is away costs one line when it goes and one when it is back, and nothing else. */
class HeardExporter extends OTLPTraceExporter {
  readonly #logger: Logger;
  #failing = false;

  constructor(endpoint: string, logger: Logger) {
    super({ url: `${endpoint}/v1/traces`, timeoutMillis: EXPORT_MS_MAX });
    this.#logger = logger;
  }

  override export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    super.export(spans, (result) => {
      this.#note(result);
      done(result);
    });
  }

  #note({ code, error }: ExportResult): void {
    const failing = code !== ExportResultCode.SUCCESS;
    if (failing === this.#failing) return;
    this.#failing = failing;
    if (failing)
      this.#logger.warn(
        { reason: reasonOf(error) },
        "traces can't be sent; they are dropped until the collector is back",
      );
    else this.#logger.info("traces are sent again");
  }
}

/** Not the exporter's own message: it is the collector's status line, which may quote the credential that it was sent. */
function reasonOf(error: (Error & { code?: unknown }) | undefined): string {
  const { code, name = "Error" } = error ?? {};
  return typeof code === "number" ? `HTTP ${code}` : typeof code === "string" ? code : name;
}
