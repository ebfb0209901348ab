import type { AddressInfo } from "node:net";
import { parseRequest } from "@lakehouse/core";
import { openRawConnection } from "@lakehouse/testing";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createServer } from "../src/http/create-server.ts";
import { type ConfigOverrides, testPlatform } from "../src/process/platform.ts";

const server = { hosts: ["lake.example"], origins: ["https://app.example", "http://other.example:8080"] };
const queryd = { bind: "own.internal:3214", catalogd_url: "http://catalog.internal:3212/sub" };

function open(config: ConfigOverrides): FastifyInstance {
  const app = createServer(testPlatform("queryd", { server, queryd, ...config }));
  app.get("/thing", async () => ({}));
  app.post("/sum", async ({ body }) => parseRequest(z.object({ a: z.number() }), body));
  for (const path of ["/", "/ui/*"]) app.get(path, { config: { scope: "any" } }, async () => ({}));
  return app;
}

const apps = { open: open({}), locked: open({ auth: { token: "a-token" } }) };
const urls = { open: "", locked: "" };

beforeAll(async () => {
  for (const name of ["open", "locked"] as const) {
    await apps[name].listen({ host: "127.0.0.1", port: 0 });
    urls[name] = `http://127.0.0.1:${(apps[name].server.address() as AddressInfo).port}`;
  }
});
afterAll(() => Promise.all(Object.values(apps).map((app) => app.close())));

/** What a request line and header lines are answered: the status, and the code where it is an error. */
async function answerTo(app: keyof typeof apps, [line = "", ...headers]: string[], body = ""): Promise<string> {
  await using connection = await openRawConnection(urls[app]);
  const target = line.endsWith("HTTP/1.0") ? line : `${line} HTTP/1.1`;
  const length = body === "" ? [] : ["content-type: text/plain", `content-length: ${body.length}`];
  connection.send(`${[target, ...headers, ...length, "connection: close"].join("\r\n")}\r\n\r\n${body}`);
  const [answer, status] = await connection.receives(/^HTTP\/1\.1 (\d+) [\s\S]*\r\n\r\n\{[\s\S]*\}$/);
  const code = /"code":"(\w+)"/.exec(answer)?.[1];
  return code === undefined ? status! : `${status} ${code}`;
}

const FORBIDDEN_HOST = "403 forbidden_host";
const FORBIDDEN_ORIGIN = "403 forbidden_origin";
const local = "host: localhost:3214";

describe("by its Host", () => {
  const passes = [
    "127.0.0.1",
    "127.0.0.1:3214",
    "192.168.1.20:3214",
    "[::1]:3214",
    "[2001:db8::1]",
    "[::ffff:127.0.0.1]:3214",
    "[::ffff:7f00:1]",
    "localhost",
    "LOCALHOST.:3214",
    "localhost:80",
    "a.localhost",
    "Lake.A.LocalHost.:3214",
    "own.internal",
    "OWN.internal.:3214",
    "catalog.internal:9",
    "lake.example",
    "LAKE.example.:8443",
  ];
  it.each(passes)("%o is taken", async (host) => {
    expect(await answerTo("open", ["GET /thing", `host: ${host}`])).toBe("200");
  });

  const refused = [
    "evil.example",
    "evil.example:3214",
    "127.1",
    "0x7f.1",
    "0x7f000001",
    "2130706433",
    "0177.0.0.1",
    "127.0.0.1.evil.example",
    "127.0.0.1.nip.io:3214",
    "::1",
    "[0:0:0:0:0:0:0:1]",
    "[::1",
    "[::1%25lo]",
    "localhost.evil.example",
    "evil-localhost",
    "notlocalhost",
    ".localhost",
    "localhost..",
    "evil@a.localhost",
    "evil.example/.localhost",
    "localhost:80:80",
    "sub.lake.example",
    "lake.example..",
    "xlake.example",
    "internal",
    "",
  ];
  it.each(refused)("%o is refused, whatever it asks for", async (host) => {
    for (const line of ["GET /thing", "GET /", "GET /metrics", "GET /nope", "DELETE /thing", "OPTIONS /thing"]) {
      expect([line, await answerTo("open", [line, `host: ${host}`])]).toEqual([line, FORBIDDEN_HOST]);
    }
  });

  it.each([
    ["two", ["GET /thing HTTP/1.1", local, local], "400 invalid_request"],
    ["two, the first of them foreign", ["GET /thing", "host: evil.example", local], "400 invalid_request"],
    ["none", ["GET /thing"], "400 invalid_request"],
    ["none in HTTP/1.0", ["GET /thing HTTP/1.0"], "200"],
    ["a foreign one in HTTP/1.0", ["GET /thing HTTP/1.0", "host: evil.example"], FORBIDDEN_HOST],
    ["a foreign authority of the target", ["GET http://evil.example/thing", local], FORBIDDEN_HOST],
    ["an authority of ours beside a foreign Host", ["GET http://localhost/thing", "host: evil.example"], "200"],
    ["an empty authority", ["GET http:///thing", local], FORBIDDEN_HOST],
  ])("%s", async (_what, lines, answer) => {
    const [line = "", ...headers] = lines.map((text) => text.replace(/ HTTP\/1\.1$/, ""));
    expect(await answerTo("open", [line, ...headers])).toBe(answer);
  });
});

describe("by its Origin", () => {
  it.each([
    [local, "http://localhost:3214"],
    ["host: LOCALHOST.:3214", "http://localhost:3214"],
    ["host: localhost", "http://localhost:80"],
    ["host: localhost:80", "http://localhost"],
    ["host: [::1]:3214", "http://[::1]:3214"],
    ["host: lake.example", "http://lake.example"],
    [local, "https://app.example"],
    [local, "https://APP.example:443"],
    [local, "http://other.example:8080"],
  ])("%s takes %o", async (host, origin) => {
    const foreignSite = ["sec-fetch-site: cross-site", "sec-fetch-mode: cors"]; // the Origin says it exactly
    expect(await answerTo("open", ["POST /sum", host, `origin: ${origin}`, ...foreignSite], '{"a":1}')).toBe("200");
  });

  it.each([
    "null",
    "",
    "http://evil.example",
    "http://localhost",
    "http://localhost:3000",
    "https://localhost:3214",
    "http://127.0.0.1:3214",
    "http://localhost:3214.evil.example",
    "http://localhost:3214/",
    "http://localhost:3214, https://app.example",
    "https://app.example,https://app.example",
    "https://app.example:444",
    "http://app.example",
    "https://sub.app.example",
    "https://app.example@evil.example",
    "*",
    "localhost:3214",
  ])("%o is refused, whatever it asks for", async (origin) => {
    const headers = [local, `origin: ${origin}`, "sec-fetch-site: same-origin"]; // which can't make it one of ours
    for (const line of ["GET /thing", "GET /", "POST /thing", "GET /nope", "OPTIONS /sum"]) {
      expect([line, await answerTo("open", [line, ...headers])]).toEqual([line, FORBIDDEN_ORIGIN]);
    }
    expect(await answerTo("open", ["POST /sum", ...headers], "{")).toBe(FORBIDDEN_ORIGIN);
  });

  it("two of them are refused, and one is by every method", async () => {
    const own = "origin: http://localhost:3214";
    expect(await answerTo("open", ["GET /thing", local, own, own])).toBe(FORBIDDEN_ORIGIN);
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      const answer = await answerTo("open", [`${method} /thing`, local, "origin: http://evil.example"]);
      expect([method, answer]).toEqual([method, FORBIDDEN_ORIGIN]);
    }
  });
});

describe("by where a browser says that it comes from", () => {
  it.each([
    ["GET /thing", "none", "navigate", "200"],
    ["GET /thing", "same-origin", "cors", "200"],
    ["GET /thing", "cross-site", "no-cors", FORBIDDEN_ORIGIN],
    ["GET /thing", "same-site", "no-cors", FORBIDDEN_ORIGIN],
    ["GET /thing", "Cross-Site", "no-cors", FORBIDDEN_ORIGIN],
    ["GET /thing", "cross-site", "navigate", FORBIDDEN_ORIGIN],
    ["GET /thing", "same-site", "navigate", FORBIDDEN_ORIGIN],
    ["POST /sum", "same-site", "no-cors", FORBIDDEN_ORIGIN],
    ["GET /", "cross-site", "navigate", "200"],
    ["GET /?a=b", "same-site", "navigate", "200"],
    ["GET /ui/", "cross-site", "navigate", "200"],
    ["GET /ui/datasets?name=people", "same-site", "navigate", "200"],
    ["GET http://localhost/ui/x", "cross-site", "navigate", "200"],
    ["GET /", "cross-site", "no-cors", FORBIDDEN_ORIGIN],
    ["GET /ui/x", "same-site", "cors", FORBIDDEN_ORIGIN],
    ["POST /ui/x", "cross-site", "navigate", FORBIDDEN_ORIGIN],
    ["POST /", "cross-site", "navigate", FORBIDDEN_ORIGIN],
    ["GET /ui", "cross-site", "navigate", FORBIDDEN_ORIGIN],
    ["GET /uix/y", "cross-site", "navigate", FORBIDDEN_ORIGIN],
    ["GET //ui/x", "cross-site", "navigate", FORBIDDEN_ORIGIN],
    ["GET /nope", "cross-site", "no-cors", FORBIDDEN_ORIGIN],
    ["DELETE /thing", "same-site", "cors", FORBIDDEN_ORIGIN],
  ])("%s from %s by %s: %s", async (line, site, mode, answer) => {
    const headers = [local, `sec-fetch-site: ${site}`, `sec-fetch-mode: ${mode}`];
    expect(await answerTo("open", [line, ...headers])).toBe(answer);
  });
});

it.each([
  ["document", "200"],
  ["iframe", FORBIDDEN_ORIGIN],
  ["frame", FORBIDDEN_ORIGIN],
  ["object", FORBIDDEN_ORIGIN],
])("a page of ours may be followed to as a %s by others: %s", async (destination, answer) => {
  const headers = ["sec-fetch-site: cross-site", "sec-fetch-mode: navigate", `sec-fetch-dest: ${destination}`];
  expect(await answerTo("open", ["GET /ui/x", local, ...headers])).toBe(answer);
});

describe("the order of refusals", () => {
  const evil = ["host: evil.example", "origin: http://evil.example"];

  it.each([
    ["Host before Origin", ["GET /thing", ...evil], "", FORBIDDEN_HOST],
    ["both before the body is read", ["POST /sum", local, "origin: null"], "{", FORBIDDEN_ORIGIN],
    ["both before its type", ["POST /sum", ...evil, "content-type: image/png"], "x", FORBIDDEN_HOST],
    ["two Hosts before both", ["GET /thing", "host: evil.example", ...evil], "", "400 invalid_request"],
  ])("%s", async (_what, lines, body, answer) => {
    expect(await answerTo("open", lines, body)).toBe(answer);
  });

  it.each(["open", "locked"] as const)("/health of an %s service answers everybody", async (app) => {
    const headers = [...evil, "sec-fetch-site: cross-site"];
    expect(await answerTo(app, ["GET /health", ...headers])).toBe("200");
    expect(await answerTo(app, ["GET /health?x", ...headers])).toBe("200");
  });

  it("a service with a token looks at the token alone, which no page knows", async () => {
    const headers = [...evil, "sec-fetch-site: cross-site"];
    expect(await answerTo("locked", ["GET /thing", ...headers])).toBe("401 unauthorized");
    expect(await answerTo("locked", ["GET /thing", "authorization: Bearer a-token", ...headers])).toBe("200");
    expect(await answerTo("locked", ["GET /nope", "authorization: Bearer a-token", ...headers])).toBe(
      "404 route_not_found",
    );
  });

  it.each([
    ["a secondary token", { secondary_tokens: ["two"] }, 401],
    [
      "scoped tokens alone",
      { tokens: [{ name: "boss", token: "three", role: "admin" as const, datasets: ["*"] }] },
      401,
    ],
    ["allowed_ips, which is no token", { allowed_ips: ["127.0.0.1"] }, 403],
  ])("%s", async (_what, auth, status) => {
    const answer = await open({ auth }).inject({ url: "/thing", headers: { host: "evil.example" } });
    expect(answer.statusCode).toBe(status);
    if (status === 403) expect(answer.json().code).toBe("forbidden_host");
  });

  it("comes before the source's address", async () => {
    const app = open({ auth: { allowed_ips: ["10.0.0.0/8"] } });
    expect((await app.inject({ url: "/thing", headers: { host: "evil.example" } })).json().code).toBe("forbidden_host");
    expect((await app.inject({ url: "/thing" })).json().code).toBe("forbidden_ip");
  });
});

describe("a bind", () => {
  it.each([
    ["0.0.0.0:1", "0.0.0.0:1", 200],
    ["0.0.0.0:1", "lake.internal", 403],
    ["[::]:1", "lake.internal", 403],
    ["Lake.Internal.:1", "lake.internal:1", 200],
  ])("to %s takes %s: %i", async (bind, host, status) => {
    const app = open({ queryd: { ...queryd, bind } });
    expect((await app.inject({ url: "/thing", headers: { host } })).statusCode).toBe(status);
  });

  it("names of settings that are no place of a service of ours add nothing", async () => {
    const app = open({
      chatd: { ollama_url: "http://ollama.internal:11434" },
      embedd: { openai_url: "http://ai.internal" },
    });
    for (const host of ["ollama.internal", "ai.internal"]) {
      expect((await app.inject({ url: "/thing", headers: { host } })).statusCode).toBe(403);
    }
  });
});
