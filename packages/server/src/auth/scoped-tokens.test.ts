import { callerHeader } from "@lakehouse/contracts";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../config/config.ts";
import type { TokenConfig } from "../config/token-config.ts";
import { createServer } from "../http/create-server.ts";
import { requestContext } from "../http/request-context.ts";
import { testPlatform } from "../process/platform.ts";
import { authPolicy } from "./auth-policy.ts";

const token = (name: string, more: Partial<TokenConfig>): TokenConfig => ({
  name,
  token: `${name}-token`,
  datasets: ["*"],
  ...more,
});

function open(tokens: TokenConfig[], primary = "first") {
  const app = createServer(testPlatform("queryd", { auth: { token: primary, tokens } }));
  app.post("/sql", async (request, reply) => ({ caller: requestContext(request, reply).caller }));
  app.get("/made-up", async () => ({}));
  return async (name: string, url = "/sql", headers: Record<string, string> = {}) => {
    const method = url === "/sql" ? "POST" : "GET";
    const authorization = `Bearer ${name}`;
    const answer = await app.inject({ method, url, headers: { authorization, ...headers } });
    const body = url === "/metrics" ? answer.body : answer.json();
    return { status: answer.statusCode, headers: answer.headers, body };
  };
}

describe("a token with a scope", () => {
  it("passes where the route wants that scope, and is refused elsewhere with what it lacks", async () => {
    const ask = open([token("analyst", { scopes: ["sql"] })]);
    const { status, body } = await ask("analyst-token");
    expect([status, body.caller]).toEqual([200, { name: "analyst", scopes: ["sql"], datasets: ["*"] }]);
    const refused = await ask("analyst-token", "/ready");
    expect([refused.status, refused.body.code, refused.body.details]).toEqual([
      403,
      "forbidden_scope",
      { needs: "status" },
    ]);
  });

  it("meets no route but those of the API table, except as an administrator", async () => {
    const ask = open([token("writer", { role: "writer" }), token("boss", { role: "admin" })]);
    expect((await ask("writer-token", "/made-up")).body).toMatchObject({ code: "forbidden_scope" });
    expect((await ask("boss-token", "/made-up")).status).toBe(200);
    expect((await ask("writer-token", "/nothing")).body).toMatchObject({ code: "route_not_found" });
  });

  it("has an end", async () => {
    const past = "2020-01-01T00:00:00Z";
    const ask = open([
      token("old", { role: "reader", expires_at: past }),
      token("new", { role: "reader", expires_at: "2999-01-01T00:00:00+02:00" }),
    ]);
    const expired = await ask("old-token");
    expect([expired.status, expired.body.code, expired.headers["www-authenticate"]]).toEqual([
      401,
      "token_expired",
      "Bearer",
    ]);
    expect((await ask("new-token")).status).toBe(200);
  });

  it("has a rate, which /health does not use up", async () => {
    const ask = open([token("slow", { role: "reader", requests_per_minute: 2 })]);
    for (let round = 0; round < 5; round++) expect((await ask("slow-token", "/health")).status).toBe(200);
    expect([(await ask("slow-token")).status, (await ask("slow-token")).status]).toEqual([200, 200]);
    const { status, body, headers } = await ask("slow-token");
    expect([status, body.code]).toEqual([429, "rate_limited"]);
    expect(Number(headers["retry-after"])).toBeGreaterThanOrEqual(1);
    expect((await ask("first")).status).toBe(200);
  });

  it("is named in metrics where it is refused too", async () => {
    const ask = open([
      token("old", { role: "reader", expires_at: "2020-01-01T00:00:00Z" }),
      token("slow", { scopes: ["sql"], requests_per_minute: 1 }),
    ]);
    for (const name of ["old-token", "slow-token", "slow-token", "wrong"]) await ask(name);
    const { body: text } = await ask("first", "/metrics");
    const counted = text.match(/(?<=^http_requests_total\{.*)status="\d+",caller="[^"]+"/gm);
    expect(counted).toEqual([
      'status="401",caller="old"',
      'status="200",caller="slow"',
      'status="429",caller="slow"',
      'status="401",caller="unauthenticated"',
    ]);
  });
});

describe("who asked", () => {
  const told = { [callerHeader]: JSON.stringify({ name: "ada", scopes: ["sql"], datasets: ["pub_*"] }) };
  const ada = { name: "ada", scopes: ["sql"], datasets: ["pub_*"] };

  it("is believed from the services' own token alone", async () => {
    const ask = open([token("boss", { role: "admin" })]);
    expect((await ask("first", "/sql", told)).body.caller).toEqual(ada);
    expect((await ask("boss-token", "/sql", told)).body.caller).toMatchObject({ name: "boss" });
    expect((await ask("first", "/sql", { [callerHeader]: "{" })).body.caller).toMatchObject({ name: "primary" });
  });

  it("is believed with the scopes that are known here, be there none", async () => {
    const ask = open([]);
    const seen = async (more: object) => {
      const claim = { name: "ada", datasets: ["pub_*"], ...more };
      return (await ask("first", "/sql", { [callerHeader]: JSON.stringify(claim) })).body.caller;
    };
    expect(await seen({})).toEqual({ ...ada, scopes: [] });
    expect(await seen({ scopes: ["sql", "of-tomorrow"] })).toEqual(ada);
  });

  it("is believed from an administrator's token where there is no other", async () => {
    const ask = open([token("boss", { role: "admin" }), token("analyst", { scopes: ["sql"] })], "");
    expect((await ask("boss-token", "/sql", told)).body.caller).toEqual(ada);
    expect((await ask("analyst-token", "/sql", told)).body.caller).toMatchObject({ name: "analyst" });
  });

  it("has no rate where it is a service, whose token is an administrator's with one", async () => {
    const ask = open([token("boss", { role: "admin", requests_per_minute: 1 })], "");
    for (let round = 0; round < 3; round++) expect((await ask("boss-token")).status).toBe(200);
  });

  it("is anonymous where no token is asked for, whatever a client says", async () => {
    expect((await open([], "")("x", "/sql", told)).body.caller).toMatchObject({ name: "anonymous" });
  });
});

describe("what services send each other", () => {
  const sent = (auth: object) => authPolicy({ ...testPlatform("queryd").config.auth, ...auth }, {}).token;

  it("is the primary token, else that of the administrator who lasts longest", () => {
    const boss = token("boss", { role: "admin", expires_at: "2999-01-01T00:00:00Z" });
    const chief = token("chief", { role: "admin" });
    expect(sent({ token: "first", tokens: [chief] })).toBe("first");
    expect(sent({ tokens: [boss, chief] })).toBe("chief-token");
    expect(sent({ tokens: [boss] })).toBe("boss-token");
  });
});

describe("a start is refused", () => {
  const failure = (tables: object[], environment: NodeJS.ProcessEnv = {}) => {
    try {
      const given = { ...environment, LAKEHOUSE_AUTH_TOKENS: JSON.stringify(tables) };
      authPolicy(loadConfig(undefined, given).config.auth, given);
      return "started";
    } catch (error) {
      return (error as Error).message;
    }
  };
  const boss = { name: "boss", token: "boss-token", role: "admin" };

  it.each([
    ["a bad name", [{ ...boss, name: "The Boss" }], "auth.tokens[0].name"],
    ["a name of ours", [{ ...boss, name: "primary" }], "auth.tokens[0].name"],
    ["a name twice", [boss, { ...boss, token: "x" }], "auth.tokens[1].name"],
    ["a token twice", [boss, { ...boss, name: "other" }], "there twice"],
    ["both role and scopes", [{ ...boss, scopes: ["sql"] }], "either role or scopes"],
    ["neither role nor scopes", [{ name: "a", token: "t" }], "either role or scopes"],
    ["both token and token_env", [{ ...boss, token_env: "X" }], "either token or token_env"],
    ["a variable that is not set", [{ name: "a", token_env: "NOPE", role: "admin" }], "auth.tokens[0].token_env"],
    [
      "a token in place of its variable",
      [{ name: "a", token_env: "boss-token", role: "admin" }],
      "token_env is (hidden)",
    ],
    ["an unknown scope", [{ name: "a", token: "t", scopes: ["sql", "fly"] }], "auth.tokens[0].scopes[1]"],
    ["an unknown role", [{ name: "a", token: "t", role: "king" }], "auth.tokens[0].role"],
    ["an unknown field", [{ ...boss, scope: ["sql"] }], "the nearest is auth.tokens[0].scopes"],
    ["a rate of 0", [{ ...boss, requests_per_minute: 0 }], "auth.tokens[0].requests_per_minute"],
    ["an end that is no time", [{ ...boss, expires_at: "tomorrow" }], "auth.tokens[0].expires_at"],
    [
      "a limit of datasets beside storage",
      [boss, { name: "a", token: "t", role: "reader", datasets: ["a*"] }],
      "auth.tokens[1].datasets",
    ],
    [
      "globs that no request's head could take along",
      [boss, { name: "a", token: "t", role: "agent", datasets: Array.from({ length: 200 }, () => "d".repeat(128)) }],
      "expects globs of at most 16384 bytes",
    ],
    ["no administrator", [{ name: "a", token: "t", role: "writer" }], "auth.tokens has no token with the scope admin"],
    ["a token that nobody can send", [{ ...boss, token: "a\n" }], "auth.tokens[0].token is (hidden)"],
  ])("%s", (_name, tables, told) => {
    const message = failure(tables);
    expect(message).toContain(told);
    expect(message).not.toContain("boss-token");
  });

  it("but not for a token in the environment, or an agent with a limit", () => {
    const agent = { name: "a", token_env: "AGENT_TOKEN", role: "agent", datasets: ["pub_*"] };
    expect(failure([boss, agent], { AGENT_TOKEN: "t" })).toBe("started");
  });
});
