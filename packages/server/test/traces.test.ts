import { answerJson, eventually, freePort, startFakeUpstream, startService, startServices } from "@lakehouse/testing";
import { describe, expect, it } from "vitest";

interface Attributes {
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[];
}

/** OTLP's JSON, as far as it is looked into. */
interface Export {
  resourceSpans: { resource: Attributes; scopeSpans: { spans: ExportedSpan[] }[] }[];
}

interface ExportedSpan extends Attributes {
  name: string;
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  status: { code: number };
}

type SeenSpan = ReturnType<typeof seenSpan>;

const KIND_SERVER = 2;
const STATUS_ERROR = 2;

function seenSpan(resource: Attributes, { kind, status, ...span }: ExportedSpan) {
  return {
    ...span,
    service: valuesOf(resource)["service.name"],
    kind: kind === KIND_SERVER ? "server" : "client",
    attributes: valuesOf(span),
    failed: status.code === STATUS_ERROR,
  };
}

function valuesOf({ attributes }: Attributes) {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));
}

/** A collector that speaks OTLP over HTTP, as far as taking spans goes. */
async function startCollector(port = 0) {
  const spans: SeenSpan[] = [];
  const server = await startFakeUpstream(({ url, body }, response) => {
    if (url !== "/v1/traces") return answerJson(response, 404, {});
    for (const { resource, scopeSpans } of (JSON.parse(String(body)) as Export).resourceSpans) {
      spans.push(...scopeSpans.flatMap((scope) => scope.spans.map((span) => seenSpan(resource, span))));
    }
    answerJson(response, 200, {});
  }, port);
  return { ...server, spans, [Symbol.asyncDispose]: server.close };
}

/** Clients first, so that all can end in this order. */
const chain = ["gateway", "ingestd", "catalogd", "storaged"] as const;

const traceId = "0af7651916cd43dd8448eb211c80319c";
const clientSpanId = "b7ad6b7169203331";

async function ingest(gatewayUrl: string, headers: Record<string, string>) {
  const answer = await fetch(`${gatewayUrl}/v1/ingest?name=people`, {
    method: "POST",
    body: "id,name\n1,Ada\n",
    headers: { "content-type": "text/csv", ...headers },
  });
  expect(answer.status).toBe(200);
  await answer.text();
}

const printLoadedFiles = `import { registerHooks } from "node:module";
  registerHooks({ load: (url, context, next) => { console.error(url); return next(url, context); } });`;

describe("traces", () => {
  it("are one from the client through gateway, ingestd, catalogd to storaged, each span the child of its caller's", async () => {
    await using collector = await startCollector();
    await using stack = await startServices(chain, { config: { telemetry: { otlp_endpoint: collector.url } } });
    await ingest(stack.gateway.url, { traceparent: `00-${traceId}-${clientSpanId}-01`, "x-request-id": "r-1" });
    // A stop loses no span that was made.
    for (const name of chain) expect(await stack[name].stop()).toBe(0);

    const spans = collector.spans.filter((span) => span.traceId === traceId);
    const path = (span: SeenSpan): string => {
      const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
      const own = `${span.service} ${span.kind}`;
      return parent ? `${path(parent)} > ${own}` : `${span.parentSpanId === clientSpanId ? "curl" : "?"} > ${own}`;
    };
    const paths = new Set(spans.map(path));
    const door = "curl > gateway server > gateway client > ingestd server";
    expect(paths).toContain(`${door} > ingestd client > storaged server`);
    expect(paths).toContain(`${door} > ingestd client > catalogd server > catalogd client > storaged server`);
    expect([...paths].filter((one) => one.startsWith("?"))).toEqual([]);
    const entry = spans.find(({ service, kind }) => service === "gateway" && kind === "server");
    expect([entry?.name, entry?.failed, entry?.attributes]).toEqual([
      "POST /v1/ingest",
      false,
      {
        "http.request.method": "POST",
        "http.route": "/v1/ingest",
        "http.response.status_code": 200,
        "lakehouse.request_id": "r-1",
      },
    ]);
    expect(stack.gateway.log()).toContain(`"trace_id":"${traceId}"`);
  });

  it("say where a request failed, begin anew after a traceparent that is none, and leave probes out", async () => {
    await using collector = await startCollector();
    const storaged_url = `http://127.0.0.1:${await freePort()}`;
    const config = { telemetry: { otlp_endpoint: collector.url }, gateway: { storaged_url } };
    await using gateway = await startService("gateway", { config });
    for (const path of ["/health", "/ready", "/metrics", "/v1/storage/list"]) {
      await (await fetch(`${gateway.url}${path}`, { headers: { traceparent: "00-1-2-01" } })).text();
    }
    const seen = await eventually("both spans are sent", () => collector.spans.length >= 2 && collector.spans);
    expect(seen.map(({ name, kind, failed }) => [name, kind, failed])).toEqual([
      ["GET storaged", "client", true],
      ["GET /v1/storage/list", "server", true],
    ]);
    expect(seen[0]?.attributes["error.type"]).toBe("upstream_unavailable");
    expect(seen[1]?.attributes["http.response.status_code"]).toBe(502);
    expect(seen[1]?.parentSpanId).toBeUndefined();
  });

  it("cost one line when the collector goes and one when it is back, and no request", async () => {
    const port = await freePort();
    await using gateway = await startService("gateway", {
      config: { telemetry: { otlp_endpoint: `http://127.0.0.1:${port}` } },
    });
    const ask = async () => (await fetch(`${gateway.url}/v1/status`)).text();
    const saysWhenAsked = async (text: string) => {
      await ask();
      return gateway.log().includes(text);
    };
    await eventually("it is said", () => saysWhenAsked("traces can't be sent"));
    await using collector = await startCollector(port);
    await eventually("it is said", () => saysWhenAsked("traces are sent again"));
    expect(gateway.log().match(/traces can't be sent/g)).toHaveLength(1);
    expect(collector.spans.length).toBeGreaterThan(0);
    await collector.close();
    await ask();
    expect(await gateway.stop()).toBe(0);
  });

  it("leave nothing of what a collector answers in the log, which may quote the credential it was sent", async () => {
    const key = "sk-hush-collector";
    await using collector = await startFakeUpstream(({ headers }, response) => {
      const words = `no access with ${headers["x-api-key"]}`;
      response.writeHead(401, words, { "content-type": "application/json" }).end(JSON.stringify({ error: words }));
    });
    await using gateway = await startService("gateway", {
      config: { telemetry: { otlp_endpoint: collector.url } },
      environment: { OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${key}` },
    });
    await eventually("it is said", async () => {
      await (await fetch(`${gateway.url}/v1/status`)).text();
      return gateway.log().includes("traces can't be sent");
    });
    expect(collector.requests[0]?.headers["x-api-key"]).toBe(key);
    expect(gateway.log()).toContain('"reason":"HTTP 401"');
    expect(gateway.log()).not.toMatch(/hush|no access/);
  });

  it("cost nothing where they are off: no SDK is loaded, and traceparent passes as it came", async () => {
    await using upstream = await startFakeUpstream((_request, response) => void response.end());
    await using gateway = await startService("gateway", {
      config: { gateway: { storaged_url: upstream.url } },
      environment: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(printLoadedFiles)}` },
    });
    await fetch(`${gateway.url}/v1/storage/list`, { headers: { traceparent: "00-1-2-01" } });
    expect(upstream.requests[0]?.headers["traceparent"]).toBe("00-1-2-01");
    await gateway.stop();
    expect(gateway.log()).toContain("node_modules/fastify/");
    // prom-client brings the API, which by itself does nothing; the SDK and the exporter are ours.
    expect(gateway.log()).not.toMatch(/@opentelemetry[+/](?!api)/);
  });
});
