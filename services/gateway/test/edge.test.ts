import {
  type FakeUpstream,
  openRawConnection,
  type ServiceProcess,
  startFakeUpstream,
  startService,
} from "@lakehouse/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openGateway } from "./open-gateway.ts";

const opened = new AsyncDisposableStack();
let upstream: FakeUpstream;
let gateway: ServiceProcess;

beforeAll(async () => {
  upstream = opened.use(await startFakeUpstream((_request, response) => void response.end("{}")));
  const services = ["queryd", "storaged", "catalogd", "vectord", "chatd", "embedd"];
  const config = {
    gateway: {
      ...Object.fromEntries(services.map((name) => [`${name}_url`, `${upstream.url}/base/api`])),
      pathwayd_url: upstream.url,
    },
  };
  gateway = opened.use(await startService("gateway", { config }));
});
afterAll(() => opened.disposeAsync());
afterEach(() => void upstream.requests.splice(0));

/** The path as it is, which no HTTP client would send. */
async function answerTo(line: string, ...headers: string[]): Promise<string> {
  await using connection = await openRawConnection(gateway.url);
  connection.send(`${[`${line} HTTP/1.1`, "host: localhost", ...headers, "connection: close"].join("\r\n")}\r\n\r\n`);
  return (await connection.receives(/^HTTP\/1\.1 [\s\S]*\r\n\r\n[\s\S]*\}/))[0];
}

describe("a path that climbs out of its route", () => {
  const climbing = ["/sql", "/storage", "/catalog", "/vectors", "/chat", "/embed", "/pathway"].flatMap((prefix) =>
    [
      "/../secret",
      "/..",
      "/%2e%2e/secret",
      "/.%2E/secret",
      "/..\\secret",
      "/..%5csecret",
      "\\..\\secret",
      "/./../secret",
      "//../../secret",
      "/a/../../secret",
      `/../..${prefix}/../secret`,
      `/..${prefix}/back`,
      "/..?x",
    ].map((rest) => `/v1${prefix}${rest}`),
  );

  it.each(["GET", "POST", "PUT", "DELETE"])("is refused before any upstream sees a %s", async (method) => {
    for (const path of climbing) {
      const answer = await answerTo(`${method} ${path}`);
      expect(answer, path).toMatch(/^HTTP\/1\.1 400 [\s\S]*"code":"invalid_request"/);
    }
    expect(upstream.requests).toEqual([]);
  });

  it("also where it is the target's absolute form", async () => {
    expect(await answerTo("GET http://localhost/v1/sql/../secret")).toContain('"code":"invalid_request"');
    expect(upstream.requests).toEqual([]);
  });

  it("is none where its dots are part of a name or stay inside, which arrives byte by byte", async () => {
    const below = ["/storage/get/a..b/...", "/storage/get/a/../b", "/storage/get/a%2F..%2Fb", "/sql?path=/../x"];
    for (const path of below) expect(await answerTo(`GET /v1${path}`)).toMatch(/^HTTP\/1\.1 200 /);
    expect(upstream.requests.map(({ url }) => url)).toEqual(below.map((path) => `/base/api${path}`));
  });
});

describe("what an upstream sees of a request's edge", () => {
  it("is its own Host, and neither where a page stands nor who somebody claims to be", async () => {
    const { port } = upstream;
    await answerTo(
      "GET /v1/sql",
      "origin: http://localhost",
      "sec-fetch-site: same-origin",
      "sec-fetch-mode: cors",
      "sec-fetch-dest: empty",
      "sec-fetch-user: ?1",
      "X-Lakehouse-Caller: forged",
      "x-lakehouse-query-id: q-1",
    );
    const [{ headers } = { headers: {} }] = upstream.requests;
    expect(headers).toMatchObject({ host: `127.0.0.1:${port}`, "x-lakehouse-query-id": "q-1" });
    const edge = Object.keys(headers).filter((name) => /^(origin$|sec-fetch|x-lakehouse-caller)/.test(name));
    expect(edge).toEqual([]);
  });

  it("is the caller whom the gateway knows, where the services have a token", async () => {
    const auth = {
      token: "peers",
      tokens: [{ name: "agent", token: "scoped", role: "agent" as const, datasets: ["*"] }],
    };
    await using locked = await openGateway({ auth, gateway: { queryd_url: upstream.url } });
    const headers = { authorization: "Bearer scoped", "x-lakehouse-caller": "forged", origin: "http://evil.example" };
    expect((await locked.app.inject({ method: "POST", url: "/v1/sql", headers, payload: "{}" })).statusCode).toBe(200);
    const seen = upstream.requests[0]!.headers;
    expect(seen).toMatchObject({
      authorization: "Bearer peers",
      "x-lakehouse-caller": expect.stringContaining("agent"),
    });
    expect(seen["x-lakehouse-caller"]).not.toContain("forged");
    expect(seen.origin).toBeUndefined();
  });
});
