import { serviceNames } from "@lakehouse/contracts";
import { eventually, type FakeUpstream, type ServiceProcess, startService } from "@lakehouse/testing";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { describeChromium, openChromium } from "./chromium.ts";
import { CANARY, type RequestLine, startVictim, type Victim } from "./victim.ts";
import { page as pageText, startWebServer } from "./web-server.ts";

/** Ten processes and a browser on a busy machine. */
const START_MS_MAX = 240_000;
const TOKEN = "a-token-of-the-tests";

interface Seen {
  status?: number;
  body?: string;
  headers?: Record<string, string | null>;
}

/** A tab asks for `/favicon.ico` by itself. */
const isNoIcon = ({ method, route }: RequestLine) => method !== "GET" || route !== "unmatched";

describeChromium("pages in a real Chromium", () => {
  const opened = new AsyncDisposableStack();
  let victim: Victim;
  let web: FakeUpstream;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    web = opened.use(await startWebServer());
    victim = opened.use(await startVictim([`http://app.example:${web.port}`]));
    browser = opened.use(await openChromium());
  }, START_MS_MAX);
  afterAll(() => opened.disposeAsync());

  beforeEach(async () => {
    context = await browser.newContext();
    page = await context.newPage();
  });
  afterEach(() => context.close());

  const send = (kind: string, way: string, request: { url: string; body?: string }) =>
    page.evaluate<Seen | null>(`send(${JSON.stringify(kind)}, ${JSON.stringify(way)}, ${JSON.stringify(request)})`);
  const call = (url: string, init: object = {}) =>
    page.evaluate<Seen | null>(`call(${JSON.stringify(url)}, ${JSON.stringify(init)})`);

  /** Where a page and the gateway stand for a browser; `evil.example` is this machine too, by its owner's DNS. */
  const places = [
    ["another site", "evil.example", "127.0.0.1"],
    ["another port of localhost", "localhost", "localhost"],
    ["another port of 127.0.0.1", "127.0.0.1", "127.0.0.1"],
  ] as const;

  /** What a page could plant, delete and spend. A form needs an = in it. */
  const targets = {
    "/v1/pathway/add": '{"uid":"planted","content":{"task":"a=b"}}',
    "/v1/vectors/index/kept/delete": '{"ids":["v-1","="]}',
    "/v1/vectors/index/kept/add": '{"items":[{"id":"planted=","vector":[1,1]}]}',
    "/v1/chat": '{"model":"qwen3:8b","messages":[{"role":"user","content":"1=1"}]}',
    "/v1/catalog/register":
      '{"name":"planted","schema_fingerprint":"v1","columns":[{"name":"a=b","type":"BIGINT"}],"objects":[],"row_count":0}',
  };

  /** Runs an attack and expects so many requests to have come to the service, each to be refused, and nothing to have changed. */
  async function expectRefused(count: number, attack: () => Promise<void>) {
    const before = await victim.state();
    const earlier = victim.requests("gateway").filter(isNoIcon).length;
    await attack();
    const requests = await eventually(`${count} requests came`, () => {
      const came = victim.requests("gateway").filter(isNoIcon).slice(earlier);
      return came.length >= count && came;
    });
    expect(requests.map(({ status }) => status)).toEqual(Array(count).fill(403));
    expect(await victim.state()).toEqual(before);
  }

  describe("under a name that its owner turned to this machine (DNS rebinding)", () => {
    const paths = ["/v1/sql", "/v1/catalog/list", "/v1/storage/list", "/v1/storage/get/inbox/kept"];
    let origin: string;

    beforeEach(async () => {
      origin = `http://evil.example:${victim.port}`;
      await page.route(`${origin}/`, (route) => route.fulfill({ contentType: "text/html", body: pageText }));
      await page.goto(`${origin}/`);
    });

    it.each(["fetch", "XMLHttpRequest", "frame", "EventSource"])("reads nothing by %s", async (way) => {
      await expectRefused(paths.length, async () => {
        for (const path of paths) {
          const seen = await send("reads", way, { url: origin + path });
          if (way === "EventSource") expect(seen).toBeNull();
          else expect(seen!.body).toContain('"code":"forbidden_host"');
          expect(seen?.body ?? "").not.toContain(CANARY);
        }
      });
    });

    it.each(["fetch without CORS", "XMLHttpRequest", "form in a frame", "beacon"])(
      "runs no SQL and plants nothing by %s",
      async (way) => {
        const bodies = { "/v1/sql": `{"sql":"SELECT * FROM people WHERE 1=1"}`, ...targets };
        await expectRefused(Object.keys(bodies).length, async () => {
          for (const [path, body] of Object.entries(bodies)) {
            const seen = await send("writes", way, { url: origin + path, body });
            if (way !== "beacon") expect(seen!.body).toContain('"code":"forbidden_host"');
          }
        });
      },
    );

    it.each(["PUT", "DELETE"])("a %s changes nothing, though no other origin is asked for it", async (way) => {
      const path = way === "PUT" ? "/v1/storage/put/inbox/planted" : "/v1/storage/delete/inbox/kept";
      await expectRefused(1, async () => {
        expect(await send("preflighted", way, { url: origin + path, body: "x" })).toMatchObject({ status: 403 });
      });
    });
  });

  describe.each(places)("of %s", (_place, host, target) => {
    let gateway: string;

    beforeEach(async () => {
      gateway = `http://${target}:${victim.port}`;
      await page.goto(`http://${host}:${web.port}/`);
    });

    it.each([
      "fetch without CORS",
      "fetch without a referrer",
      "fetch by a redirect",
      "fetch of a worker",
      "XMLHttpRequest",
      "beacon",
      "form in a frame",
      "form in a tab",
      "sandboxed frame",
    ])("plants, deletes and spends nothing by %s", async (way) => {
      await expectRefused(Object.keys(targets).length, async () => {
        for (const [path, body] of Object.entries(targets)) await send("writes", way, { url: gateway + path, body });
      });
    });

    it("plants no dataset by an upload", async () => {
      await expectRefused(1, async () => {
        await send("writes", "upload", { url: `${gateway}/v1/ingest?name=planted`, body: "a,b\n1,2\n" });
      });
    });

    it.each([
      "fetch",
      "fetch without CORS",
      "XMLHttpRequest",
      "image",
      "script",
      "style sheet",
      "frame",
      "sandboxed frame",
      "EventSource",
      "WebSocket",
    ])("reads nothing by %s", async (way) => {
      const paths = ["/v1/catalog/list", "/v1/storage/get/inbox/kept"];
      await expectRefused(paths.length, async () => {
        for (const path of paths) {
          const seen = await send("reads", way, { url: gateway + path });
          expect(seen?.body ?? "").toBe("");
        }
      });
    });

    it.each([
      ["PUT", "/v1/storage/put/inbox/planted"],
      ["DELETE", "/v1/storage/delete/inbox/kept"],
      ["POST of JSON", "/v1/pathway/add"],
    ])("may not even ask for a %s", async (way, path) => {
      await expectRefused(1, async () => {
        expect(await send("preflighted", way, { url: gateway + path, body: targets["/v1/pathway/add"] })).toBeNull();
      });
    });

    it("is refused by every service on its own port too", async () => {
      for (const service of serviceNames) {
        const { port } = new URL(victim.lakehouse.daemons[service].url);
        await send("writes", "fetch without CORS", { url: `http://${target}:${port}/no-such-route`, body: "x" });
        const ofPages = () =>
          victim.requests(service).filter(({ method, route }) => method === "POST" && route === "unmatched");
        await eventually(`${service} answers`, () => ofPages().length > 0);
        expect(ofPages().every(({ status }) => status === 403)).toBe(true);
      }
    });

    it.each([
      ["/", 404, "route_not_found"],
      ["/ui/datasets?name=people", 404, "route_not_found"],
      ["/v1/catalog/list", 403, "forbidden_origin"],
    ])("a link of it to %s answers %i %s", async (path, status, code) => {
      const answered = page.waitForResponse(gateway + path);
      await page.evaluate(
        `document.body.innerHTML = ${JSON.stringify(`<a href="${gateway}${path}">a link</a>`)}; document.querySelector("a").click()`,
      );
      expect((await answered).status()).toBe(status);
      await page.waitForURL(gateway + path);
      expect(await page.textContent("body")).toContain(`"code":"${code}"`);
    });
  });

  describe("of an origin in server.origins", () => {
    const query = { method: "POST", body: JSON.stringify({ sql: "SELECT secret FROM people" }) };
    const headers = {
      authorization: `Bearer ${TOKEN}`,
      "content-type": "application/json",
      "x-request-id": "from-a-page",
      "x-lakehouse-query-id": "q-1",
    };
    let locked: ServiceProcess;

    beforeAll(async () => {
      const { daemons } = victim.lakehouse;
      const urls = serviceNames.filter((name) => name !== "gateway").map((name) => [`${name}_url`, daemons[name].url]);
      const slow = { name: "slow", token: "a-slow-token", role: "admin", requests_per_minute: 1 };
      const config = {
        server: { origins: [`http://app.example:${web.port}`] },
        gateway: Object.fromEntries(urls),
        auth: { token: TOKEN, tokens: [slow] },
      };
      locked = opened.use(await startService("gateway", { config }));
    }, START_MS_MAX);

    it("reads answers and their headers, after a preflight, without a token and with one", async () => {
      await page.goto(`http://app.example:${web.port}/`);
      for (const url of [victim.lakehouse.url, locked.url]) {
        const rows = await call(`${url}/v1/sql`, { ...query, headers, read: ["x-request-id", "server"] });
        expect(rows).toMatchObject({ status: 200, headers: { "x-request-id": "from-a-page" } });
        expect(rows!.body).toContain(CANARY);
        const { authorization } = headers;
        const object = `${url}/v1/storage/get/inbox/kept`;
        const kept = await call(object, { headers: { authorization }, read: ["etag", "x-request-id"] });
        expect(kept).toMatchObject({ status: 200, body: CANARY, headers: { etag: expect.stringContaining('"') } });
        const put = await call(`${url}/v1/storage/put/inbox/of-a-page`, { method: "PUT", headers, body: "x" });
        expect(put).toMatchObject({ status: 200 });
        expect(await call(`${url}/v1/no-such-route`, { headers })).toMatchObject({ status: 404 });
      }
    });

    it("reads why it was refused, and how long it has to wait", async () => {
      await page.goto(`http://app.example:${web.port}/`);
      const url = `${locked.url}/v1/whoami`;
      expect(await call(url, { read: [] })).toMatchObject({
        status: 401,
        body: expect.stringContaining("unauthorized"),
      });
      const init = { headers: { authorization: "Bearer a-slow-token" }, read: ["retry-after"] };
      expect(await call(url, init)).toMatchObject({ status: 200, headers: { "retry-after": null } });
      const refused = await call(url, init);
      expect(refused).toMatchObject({ status: 429, headers: { "retry-after": expect.stringMatching(/^\d+$/) } });
    });

    it("reads nothing by a request with cookies, since nobody is known by them", async () => {
      await page.goto(`http://app.example:${web.port}/`);
      expect(await call(`${victim.lakehouse.url}/v1/catalog/list`, { credentials: "include" })).toBeNull();
    });

    it("is the only one: a page of another origin reads nothing, even with the token", async () => {
      await page.goto(`http://evil.example:${web.port}/`);
      for (const init of [{}, { ...query, headers }, { headers: { authorization: headers.authorization } }]) {
        expect(await call(`${locked.url}/v1/sql/datasets`, init)).toBeNull();
      }
    });
  });

  it.each(["127.0.0.1", "localhost", "lake.localhost"])("a page of the gateway itself at %s may call", async (host) => {
    const origin = `http://${host}:${victim.port}`;
    await page.route(`${origin}/ui/x`, (route) => route.fulfill({ contentType: "text/html", body: pageText }));
    await page.goto(`${origin}/ui/x`);
    const body = JSON.stringify({ sql: "SELECT secret FROM people" });
    const rows = await call("/v1/sql", { method: "POST", headers: { "content-type": "application/json" }, body });
    expect(rows).toMatchObject({ status: 200, body: expect.stringContaining(CANARY) });
    for (const way of ["fetch", "XMLHttpRequest", "frame"]) {
      expect((await send("reads", way, { url: "/v1/catalog/list" }))!.body).toContain("people");
    }
    const url = "/v1/storage/put/inbox/of-its-own";
    expect(await send("preflighted", "PUT", { url, body: "x" })).toMatchObject({ status: 200 });
  });
});
