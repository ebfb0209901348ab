import { type FakeUpstream, startFakeUpstream } from "@lakehouse/testing";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openGateway } from "./open-gateway.ts";

const LISTED = "https://app.example";
const opened = new AsyncDisposableStack();
let upstream: FakeUpstream;
const apps = {} as Record<"open" | "locked", FastifyInstance>;

beforeAll(async () => {
  upstream = opened.use(
    await startFakeUpstream(({ url }, response) => {
      response
        .writeHead(url === "/sql/missing" ? 404 : 200, { vary: "Accept-Encoding, Accept", etag: '"e"' })
        .end("{}");
    }),
  );
  const openWith = async (auth: object): Promise<FastifyInstance> => {
    const urls = { queryd_url: upstream.url, storaged_url: "http://127.0.0.1:1" };
    return opened.use(await openGateway({ auth, gateway: urls, server: { origins: [LISTED] } })).app;
  };
  apps.open = await openWith({});
  apps.locked = await openWith({ token: "a-token" });
});
afterAll(() => opened.disposeAsync());

const preflight = (origin: string, method = "PUT", asked = "") => ({
  origin,
  "access-control-request-method": method,
  ...(asked === "" ? {} : { "access-control-request-headers": asked }),
});

/** All that an answer says of other origins. */
function corsOf(headers: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("access-control-")));
}

describe.each(["open", "locked"] as const)("at an %s gateway", (kind) => {
  it.each(["/v1/sql", "/v1/storage/put/a", "/v1/catalog/list", "/v1/status", "/v1/nope", "/openapi.json"])(
    "a preflight for %s of a listed origin is answered, without a token and by nobody behind it",
    async (url) => {
      const before = upstream.requests.length;
      const answer = await apps[kind].inject({ method: "OPTIONS", url, headers: preflight(LISTED) });
      expect([answer.statusCode, answer.body]).toEqual([204, ""]);
      expect(corsOf(answer.headers)).toEqual({
        "access-control-allow-origin": LISTED,
        "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
        "access-control-max-age": "600",
      });
      expect(answer.headers.vary).toBe("Origin");
      expect(upstream.requests).toHaveLength(before);
    },
  );

  it.each([
    ["authorization", "authorization"],
    ["Authorization, Content-Type,x-request-id", "authorization, content-type, x-request-id"],
    ["x-lakehouse-query-id,x-lakehouse-anything", "x-lakehouse-query-id, x-lakehouse-anything"],
    ["x-evil, authorization, cookie, *", "authorization"],
    ["x-lakehouse-, x-lakehouse, xauthorization", undefined],
    ["x-lakehouse-a\u00e9, authorization;x", undefined],
  ])("a preflight that asks for %o is granted %o", async (asked, granted) => {
    const headers = preflight(LISTED, "POST", asked);
    const answer = await apps[kind].inject({ method: "OPTIONS", url: "/v1/sql", headers });
    expect(answer.headers["access-control-allow-headers"]).toBe(granted);
  });

  it("answers of a listed origin can be read, with the headers on one list, also those that refuse", async () => {
    const headers = { origin: LISTED, authorization: "Bearer a-token" };
    const exposed = "x-request-id, x-lakehouse-query-id, x-lakehouse-truncated, retry-after, etag";
    for (const [url, status] of [
      ["/v1/sql", 200],
      ["/v1/sql/missing", 404],
      ["/v1/whoami", 200],
      ["/v1/storage/list", 502],
      ["/v1/nope", 404],
      ["/health", 200],
    ] as const) {
      const answer = await apps[kind].inject({ url, headers });
      expect([url, answer.statusCode]).toEqual([url, status]);
      expect(corsOf(answer.headers)).toEqual({
        "access-control-allow-origin": LISTED,
        "access-control-expose-headers": exposed,
      });
    }
  });

  it("every answer varies by Origin, beside what a service's own varies by", async () => {
    for (const headers of [{}, { origin: LISTED }, { origin: "http://evil.example" }, { host: "evil.example" }]) {
      for (const method of ["GET", "OPTIONS", "POST"] as const) {
        for (const url of ["/v1/nope", "/v1/whoami", "/health", "/v1/storage/list"]) {
          const { vary } = (await apps[kind].inject({ method, url, headers })).headers;
          expect([method, url, vary]).toEqual([method, url, "Origin"]);
        }
      }
    }
    const answer = await apps[kind].inject({ url: "/v1/sql", headers: { authorization: "Bearer a-token" } });
    expect(answer.headers.vary).toBe("Origin, Accept-Encoding, Accept");
  });

  it.each([
    "http://evil.example",
    "null",
    "http://app.example",
    "https://app.example:8443",
    "https://app.example.evil.example",
    "https://sub.app.example",
    "*",
    "",
  ])("%o gets no header of CORS, nor does a preflight of it", async (origin) => {
    const authorization = "Bearer a-token";
    const answers = [
      await apps[kind].inject({ url: "/v1/sql", headers: { origin, authorization } }),
      await apps[kind].inject({ method: "OPTIONS", url: "/v1/sql", headers: preflight(origin) }),
      await apps[kind].inject({ method: "OPTIONS", url: "/v1/sql", headers: { ...preflight(origin), authorization } }),
    ];
    for (const { headers } of answers) expect(corsOf(headers)).toEqual({});
    expect(answers[1]!.statusCode).toBe(kind === "open" ? 403 : 401);
  });

  it("an OPTIONS that is no preflight is a request like any other", async () => {
    const headers = { origin: LISTED, authorization: "Bearer a-token" };
    expect((await apps[kind].inject({ method: "OPTIONS", url: "/v1/whoami", headers })).statusCode).toBe(405);
    expect(
      (await apps.locked.inject({ method: "OPTIONS", url: "/v1/sql", headers: { origin: LISTED } })).statusCode,
    ).toBe(401);
  });
});

it("a preflight under a foreign Host is refused as all is", async () => {
  const headers = { ...preflight(LISTED), host: "evil.example" };
  const answer = await apps.open.inject({ method: "OPTIONS", url: "/v1/sql", headers });
  expect([answer.statusCode, answer.json().code, corsOf(answer.headers)]).toEqual([403, "forbidden_host", {}]);
});
