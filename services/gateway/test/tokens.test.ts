import { callerHeader, openaiErrorSchema, scopes } from "@lakehouse/contracts";
import type { ConfigOverrides } from "@lakehouse/server";
import { httpCall, openRawConnection, startFakeUpstream } from "@lakehouse/testing";
import { describe, expect, it } from "vitest";
import { openGateway } from "./open-gateway.ts";

const analyst = { name: "analyst", token: "analyst-token", scopes: ["sql" as const], datasets: ["pub_*"] };
const boss = { name: "boss", token: "boss-token", role: "admin" as const, datasets: ["*"] };

/** A gateway before one upstream that stands for all services. */
async function openBefore(auth: ConfigOverrides["auth"] = {}) {
  await using opened = new AsyncDisposableStack();
  const upstream = opened.use(await startFakeUpstream((_request, response) => void response.end("{}")));
  const urls = { queryd_url: upstream.url, storaged_url: upstream.url, chatd_url: upstream.url };
  const { url } = opened.use(await openGateway({ gateway: urls, auth }));
  const stack = opened.move();
  return {
    requests: upstream.requests,
    url,
    ask: (path: string, init: RequestInit = {}) => fetch(url + path, init),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const query = (headers: Record<string, string>): RequestInit => ({ method: "POST", body: "{}", headers });

describe("what a service behind the gateway is told of who asked", () => {
  it("is the services' own token, with the name, scopes and datasets of a scoped one", async () => {
    await using gateway = await openBefore({ token: "first", tokens: [analyst] });
    expect((await gateway.ask("/v1/sql", query(bearer("analyst-token")))).status).toBe(200);
    const { headers } = gateway.requests[0]!;
    expect(headers.authorization).toBe("Bearer first");
    const { name, datasets } = analyst;
    expect(JSON.parse(String(headers[callerHeader]))).toEqual({ name, scopes: ["sql"], datasets });
  });

  it("is the token alone where it is one that may do everything, whatever its client says", async () => {
    await using gateway = await openBefore({ token: "first", secondary_tokens: ["second"], tokens: [analyst] });
    const claim = { [callerHeader]: JSON.stringify({ name: "x", scopes: [], datasets: [] }) };
    for (const token of ["first", "second"]) await gateway.ask("/v1/sql", query({ ...bearer(token), ...claim }));
    expect(gateway.requests.map(({ headers }) => [headers.authorization, headers[callerHeader]])).toEqual([
      ["Bearer first", undefined],
      ["Bearer second", undefined],
    ]);
  });

  it("is an administrator's token where there is no other", async () => {
    await using gateway = await openBefore({ tokens: [analyst, boss] });
    await gateway.ask("/v1/sql", query(bearer("analyst-token")));
    await gateway.ask("/v1/sql", query(bearer("boss-token")));
    const told = gateway.requests.map(({ headers }) => [headers.authorization, String(headers[callerHeader])]);
    expect(told.map(([token]) => token)).toEqual(["Bearer boss-token", "Bearer boss-token"]);
    expect(told.map(([, caller]) => JSON.parse(caller!) as object)).toMatchObject([
      { name: "analyst" },
      { name: "boss" },
    ]);
  });

  it("is nothing where no token is asked for", async () => {
    await using gateway = await openBefore({});
    await gateway.ask("/v1/sql", query({ [callerHeader]: "{}", authorization: "Bearer whatever" }));
    const { headers } = gateway.requests[0]!;
    expect([headers.authorization, headers[callerHeader]]).toEqual(["Bearer whatever", undefined]);
  });
});

describe("a scoped token at the gateway", () => {
  it("meets the routes of the API table and no others: what the table lacks never reaches a service", async () => {
    await using gateway = await openBefore({ token: "first", tokens: [analyst] });
    const refused = async (path: string, method = "GET") => {
      const answer = await gateway.ask(path, { method, headers: bearer("analyst-token") });
      return [answer.status, answer.headers.get("allow"), ((await answer.json()) as { code: string }).code];
    };
    expect(await refused("/v1/sql")).toEqual([405, "POST", "method_not_allowed"]);
    expect(await refused("/v1/storage//put/x")).toEqual([404, null, "route_not_found"]);
    expect(await refused("/v1/vectors//index/a/add")).toEqual([404, null, "route_not_found"]);
    expect(await refused("/v1/catalog/list")).toEqual([403, null, "forbidden_scope"]);
    expect(gateway.requests).toEqual([]);
    await gateway.ask("/v1/storage//put/x", { headers: bearer("first") });
    expect(gateway.requests).toHaveLength(1);
  });

  it("is told of a path that climbs out of its route as everybody is, after a scope that it lacks", async () => {
    await using gateway = await openBefore({ token: "first", tokens: [analyst] });
    const refused = async (path: string, token: string, method = "GET") => {
      const answer = await httpCall(method, gateway.url, path, { headers: bearer(token) });
      return [answer.status, answer.json().code];
    };
    const paths = [
      "/v1/sql/../x",
      "/v1/sql/..",
      "/v1/storage/%2e%2e/x",
      "/v1/sql\\..\\x",
      "/v1/sql%5c../x",
      "/%76%31/sql/../x",
    ];
    for (const path of paths) {
      for (const token of ["first", "analyst-token"]) {
        expect([path, token, ...(await refused(path, token))]).toEqual([path, token, 400, "invalid_request"]);
      }
    }
    expect(await refused("/v1/storage/put/../../x", "first", "PUT")).toEqual([400, "invalid_request"]);
    expect(await refused("/v1/storage/get/../../x", "analyst-token")).toEqual([403, "forbidden_scope"]);
    expect(gateway.requests).toEqual([]);
  });

  it("reaches the same route where /v1 is percent-encoded", async () => {
    await using gateway = await openBefore({ token: "first", tokens: [analyst] });
    const answer = await httpCall("POST", gateway.url, "/%76%31/sql", { headers: bearer("analyst-token"), body: "{}" });
    expect([answer.status, gateway.requests[0]!.url]).toEqual([200, "/sql"]);
  });

  it("is refused in OpenAI's shape on OpenAI's routes", async () => {
    await using gateway = await openBefore({ token: "first", tokens: [analyst] });
    for (const token of ["analyst-token", "wrong"]) {
      const answer = await gateway.ask("/v1/chat/completions", query(bearer(token)));
      const { error, code } = openaiErrorSchema.parse(await answer.json());
      expect([answer.status, code, error.code]).toEqual(
        token === "wrong" ? [401, "unauthorized", "unauthorized"] : [403, "forbidden_scope", "forbidden_scope"],
      );
    }
  });

  it("is told to whoever has it, and everybody is anonymous where there are no tokens", async () => {
    await using closed = await openBefore({
      token: "first",
      tokens: [{ ...analyst, expires_at: "2999-01-01T00:00:00Z" }],
    });
    const whoami = await closed.ask("/v1/whoami", { headers: bearer("analyst-token") });
    const { name, datasets } = analyst;
    expect(await whoami.json()).toEqual({
      name,
      role: null,
      scopes: ["sql"],
      datasets,
      expires_at: "2999-01-01T00:00:00Z",
    });
    await using open = await openBefore({});
    const anonymous = { name: "anonymous", role: "admin", scopes, datasets: ["*"], expires_at: null };
    expect(await (await open.ask("/v1/whoami")).json()).toEqual(anonymous);
  });
});

describe("without a token", () => {
  it.each(["_catalog/manifests/a.parquet", "datasets", "%64atasets%2Fx", "_vectors/a.lhv1?bucket=other"])(
    "nobody writes or deletes %s through the gateway, and a service never hears of it",
    async (key) => {
      await using gateway = await openBefore({});
      for (const [verb, method] of [
        ["put", "PUT"],
        ["delete", "DELETE"],
      ] as const) {
        const answer = await gateway.ask(`/v1/storage/${verb}/${key}`, { method });
        expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([403, "reserved_key"]);
      }
      expect(gateway.requests).toEqual([]);
      await gateway.ask(`/v1/storage/get/${key}`);
      expect(gateway.requests).toHaveLength(1);
    },
  );
});

describe("a reserved key, where no token is configured", () => {
  it("is refused before its body is asked for", async () => {
    await using gateway = await openBefore({});
    await using client = await openRawConnection(gateway.url);
    const head = "host: localhost\r\nexpect: 100-continue\r\ncontent-length: 4";
    client.send(`PUT /v1/storage/put/_catalog/y HTTP/1.1\r\n${head}\r\n\r\n`);
    await client.receives(/reserved_key/);
    expect(client.received()).toMatch(/^HTTP\/1\.1 403 /);
  });

  it.each([
    "/v1/storage/x/../put/_catalog/y",
    "/v1/storage//put/_catalog/y",
    "/v1/storage/get/../put/_catalog/y",
    "/v1/storage/put%2f_catalog/y",
  ])("is not reached by way of %s, which a proxy might rewrite", async (path) => {
    await using gateway = await openBefore({});
    const { status } = await httpCall("PUT", gateway.url, path, { body: "x" });
    expect([404, 405]).toContain(status);
    expect(gateway.requests).toEqual([]);
  });
});
