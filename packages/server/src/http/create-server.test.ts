import { Writable } from "node:stream";
import { errorBodySchema } from "@lakehouse/contracts";
import { LakehouseError, parseRequest } from "@lakehouse/core";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type ConfigOverrides, testPlatform } from "../process/platform.ts";
import { createServer, type ServerOptions } from "./create-server.ts";

function open(config: ConfigOverrides = {}, options: ServerOptions = {}, lines: string[] = []): FastifyInstance {
  const sink = new Writable({ write: (chunk, _encoding, done) => done(void lines.push(String(chunk))) });
  const app = createServer({ ...testPlatform("queryd", config), logger: pino(sink) }, options);
  app.get("/thing/:name", async () => ({}));
  app.post("/sum", async ({ body }) => parseRequest(z.object({ a: z.number(), b: z.number() }), body));
  app.get("/bug", async () => {
    throw new Error("a secret at /etc/passwd");
  });
  app.get("/busy", async () => {
    throw new LakehouseError("cache_full", "Try again.", {
      retryAfterSeconds: 3,
      details: { size: 4, limit_bytes: 2 },
    });
  });
  return app;
}

const json = { "content-type": "application/json" };

describe("every daemon", () => {
  it("answers /health, /ready and /metrics", async () => {
    const app = open();
    expect((await app.inject("/health")).json()).toEqual({ status: "ok", service: "queryd" });
    expect((await app.inject("/ready")).json()).toEqual({ status: "ok", service: "queryd", checks: {} });
    const metrics = await app.inject("/metrics");
    expect(metrics.headers["content-type"]).toContain("text/plain");
    expect(metrics.body).toMatch(
      /http_requests_total\{method="GET",route="\/ready",status="200",caller="anonymous",service="queryd"\} 1/,
    );
  });

  it("tells in /metrics what /ready last told, and never waits for it", async () => {
    const peer = Promise.withResolvers<void>();
    const readiness = async () => {
      await peer.promise;
      return { store: { status: "degraded" as const }, peer: { status: "unavailable" as const } };
    };
    const app = open({}, { readiness });
    expect((await app.inject("/metrics")).body).not.toContain("ready_check{");
    peer.resolve();
    const known = () => app.inject("/metrics").then(({ body }) => body);
    await expect.poll(known).toContain('ready_check{check="store",service="queryd"} 0.5');
    expect(await known()).toContain('ready_check{check="peer",service="queryd"} 0');
  });

  it("names what is damaged only to those who see every dataset", async () => {
    const damaged = { status: "degraded" as const, message: "orders can't be read", details: { damaged: ["orders"] } };
    const limited = { name: "a", token: "limited", scopes: ["status" as const], datasets: ["pub_*"] };
    const app = open({ auth: { token: "first", tokens: [limited] } }, { readiness: () => ({ catalog: damaged }) });
    const seen = async (token: string) => {
      const answer = await app.inject({ url: "/ready", headers: { authorization: `Bearer ${token}` } });
      return (answer.json() as { checks: object }).checks;
    };
    expect(await seen("first")).toEqual({ catalog: damaged });
    expect(await seen("limited")).toEqual({ catalog: { status: "degraded" } });
  });

  it.each([
    ["degraded", 200],
    ["unavailable", 503],
  ] as const)("is ready or not by its worst check: %s", async (status, code) => {
    const readiness = () => ({ store: { status, message: "x" }, other: { status: "ok" as const } });
    const answer = await open({}, { readiness }).inject("/ready");
    expect([answer.statusCode, answer.json().status]).toEqual([code, status]);
  });

  it.each([
    ["GET", "/nope", {}, undefined, 404, "route_not_found"],
    ["GET", "/thing/a/b", {}, undefined, 404, "route_not_found"],
    ["POST", "/thing/a", {}, undefined, 405, "method_not_allowed"],
    ["POST", "/sum", json, "{", 400, "invalid_json"],
    ["POST", "/sum", json, "", 400, "invalid_json"],
    ["POST", "/sum", json, '{"__proto__":{"a":1}}', 400, "invalid_json"],
    ["POST", "/sum", json, '{"a":1}', 400, "invalid_request"],
    ["POST", "/sum", { "content-type": "image/png" }, "x", 415, "unsupported_media_type"],
    ["POST", "/sum", { "sec-fetch-site": "cross-site" }, undefined, 403, "forbidden_origin"],
    ["GET", "/bug", {}, undefined, 500, "internal_error"],
    ["GET", "/busy", {}, undefined, 503, "cache_full"],
  ] as const)("%s %s is answered in one shape", async (method, url, headers, payload, status, code) => {
    const answer = await open().inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    expect(errorBodySchema.parse(answer.json()).request_id).toBe(answer.headers["x-request-id"]);
    expect(answer.body).not.toContain("passwd");
  });

  it.each([
    ["nothing", "", /empty/],
    ["SQL", "SELECT 1", /not JSON: .*position 0|Unexpected token 'S'/],
    ["bytes that are not UTF-8", Buffer.from('{"a":1,"b":2,"c":"\xff"}', "latin1"), /not UTF-8/],
    ["a key of JavaScript's own", '{"__proto__":{"a":1}}', /__proto__/],
  ])("says of %s why it is no JSON, whatever curl calls it", async (_what, payload, why) => {
    for (const type of ["application/json", "application/x-www-form-urlencoded", "text/plain"]) {
      const answer = await open().inject({ method: "POST", url: "/sum", headers: { "content-type": type }, payload });
      expect(answer.json()).toMatchObject({ code: "invalid_json", error: expect.stringMatching(why) });
    }
  });

  it.each([
    [
      { "content-type": "application/xml" },
      {},
      'The Content-Type "application/xml" is not taken here; send application/json.',
    ],
    [{ "content-type": "csv" }, { bodyTypes: "text/csv" }, 'The Content-Type "csv" is not taken here; send text/csv.'],
    [{}, {}, "A body without a Content-Type is not taken here; send application/json."],
  ])("says which bodies are taken instead of %o", async (headers, options, sentence) => {
    const answer = await open({}, options).inject({ method: "POST", url: "/sum", headers, payload: "<a/>" });
    expect(answer.json()).toMatchObject({ code: "unsupported_media_type", error: sentence });
  });

  it("lists what does not fit a schema", async () => {
    const answer = await open().inject({ method: "POST", url: "/sum", payload: { a: "x", b: 1 } });
    expect(answer.json().details).toEqual([{ path: "a", message: expect.stringContaining("number") }]);
  });

  it("names the allowed methods, the seconds to wait and the details", async () => {
    expect((await open().inject({ method: "PUT", url: "/sum" })).headers.allow).toBe("POST");
    const busy = await open().inject("/busy");
    expect([busy.headers["retry-after"], busy.json().details]).toEqual(["3", { size: 4, limit_bytes: 2 }]);
  });

  it("takes JSON from a plain curl -d", async () => {
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await open().inject({ method: "POST", url: "/sum", headers, payload: '{"a":1,"b":2}' });
    expect(answer.json()).toEqual({ a: 1, b: 2 });
  });

  it("refuses a body over the limit", async () => {
    const payload = { a: 1, b: 2, c: "x".repeat(2_000) };
    const answer = await open({}, { bodyLimitBytes: 1_000 }).inject({ method: "POST", url: "/sum", payload });
    expect([answer.statusCode, answer.json().code]).toEqual([413, "payload_too_large"]);
    expect(answer.json().details).toEqual({ limit_bytes: 1_000 });
    expect(answer.headers.connection).not.toBe("close");
  });

  it.each([
    ["a-request.1", true],
    ["x".repeat(128), true],
    ["x".repeat(129), false],
    ["two words", false],
    ["", false],
  ])("takes the request id %o over: %o", async (id, taken) => {
    const answer = await open().inject({ url: "/health", headers: { "x-request-id": id } });
    expect(answer.headers["x-request-id"] === id).toBe(taken);
    expect(answer.headers["x-request-id"]).toMatch(/^[A-Za-z0-9._-]{1,128}$/);
  });

  it("logs one line a request, without headers, query or body", async () => {
    const lines: string[] = [];
    const headers = { authorization: "Bearer hush", "x-request-id": "r-1" };
    await open({}, {}, lines).inject({ url: "/thing/hush?token=hush", headers });
    expect(lines).toHaveLength(1);
    const line = {
      method: "GET",
      route: "/thing/:name",
      status: 200,
      request_id: "r-1",
      duration_ms: expect.anything(),
    };
    expect(JSON.parse(lines[0]!)).toMatchObject(line);
    expect(lines[0]).not.toContain("hush");
  });
});

describe("auth", () => {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const statusOf = async (config: ConfigOverrides, headers: Record<string, string>, remoteAddress = "127.0.0.1") =>
    (await open(config).inject({ url: "/thing/a", headers, remoteAddress })).statusCode;

  it.each([
    [{ token: "one" }, "one", 200],
    [{ token: "one" }, "on", 401],
    [{ token: "one" }, "one ", 401],
    [{ token: "one", secondary_tokens: ["two"] }, "two", 200],
    [{ secondary_tokens: ["two"] }, "two", 200],
    [{ secondary_tokens: ["two"] }, "", 401],
    [{ secondary_tokens: [""] }, "", 200],
  ])("%o with %o answers %i", async (auth, token, status) => {
    expect(await statusOf({ auth }, bearer(token))).toBe(status);
  });

  it.each(["one\n", " one", "   ", "töken", "one\u0000"])(
    "refuses to start with the token %o, which nobody can send",
    (token) => {
      expect(() => open({ auth: { token } })).toThrow("auth.token is (hidden); expects printable ASCII");
      expect(() => open({ auth: { secondary_tokens: [token] } })).toThrow("auth.secondary_tokens is (hidden)");
    },
  );

  it("takes the scheme as part of what is compared", async () => {
    expect(await statusOf({ auth: { token: "one" } }, { authorization: "bearer one" })).toBe(401);
    expect(await statusOf({ auth: { token: "one" } }, {})).toBe(401);
  });

  it.each([
    [["10.0.0.0/8"], "10.1.2.3", 200],
    [["10.0.0.0/8"], "::ffff:10.1.2.3", 200],
    [["10.0.0.0/8"], "11.0.0.1", 403],
    [["10.0.0.1"], "10.0.0.2", 403],
    [["::ffff:10.0.0.1"], "10.0.0.1", 200],
    [["::1"], "::1", 200],
    [["nonsense"], "127.0.0.1", 403],
    [["nonsense", "127.0.0.1"], "127.0.0.1", 200],
  ])("%o lets %s: %i", async (allowed_ips, source, status) => {
    expect(await statusOf({ auth: { allowed_ips } }, {}, source)).toBe(status);
  });

  it("does not believe X-Forwarded-For, and wants both where both are set", async () => {
    const auth = { token: "one", allowed_ips: ["10.0.0.0/8"] };
    expect(await statusOf({ auth }, { ...bearer("one"), "x-forwarded-for": "10.0.0.1" })).toBe(403);
    expect(await statusOf({ auth }, bearer("two"), "10.0.0.1")).toBe(401);
    expect(await statusOf({ auth }, bearer("one"), "10.0.0.1")).toBe(200);
  });

  it("gates everything but /health, also what does not exist", async () => {
    const app = open({ auth: { token: "one" } });
    const statuses = ["/health", "/ready", "/metrics", "/nope"].map(async (url) => (await app.inject(url)).statusCode);
    expect(await Promise.all(statuses)).toEqual([200, 401, 401, 401]);
    expect((await app.inject("/nope")).headers["www-authenticate"]).toBe("Bearer");
  });
});
