import { type Scope, scopes } from "@lakehouse/contracts";
import { type ApiRoute, apiRoutes } from "@lakehouse/contracts/api";
import { seesDataset } from "@lakehouse/core";
import { eventually, temporaryFolder } from "@lakehouse/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Lakehouse, startLakehouse } from "./lakehouse.ts";

const PRIMARY = "the-first-token";
const CANARY = "canary-4711";
/** Ten processes on a busy machine. */
const START_MS_MAX = 180_000;

const opened = new AsyncDisposableStack();
let lakehouse: Lakehouse;

/** One token a scope, and some as people have them. */
const tokens = [
  ...scopes.map((scope) => ({ name: scope.replace(":", "-"), token: `only-${scope}`, scopes: [scope] })),
  { name: "collector", token: "collector", scopes: ["catalog:write", "ingest"] },
  { name: "partner", token: "partner", role: "agent", datasets: ["pub_*"] },
  {
    name: "supplier",
    token: "supplier",
    scopes: ["sql", "catalog:read", "catalog:write", "ingest", "status"],
    datasets: ["pub_*"],
  },
  { name: "slow", token: "slow", role: "reader", requests_per_minute: 3 },
];

beforeAll(async () => {
  const folder = opened.use(await temporaryFolder());
  lakehouse = opened.use(await startLakehouse({ folder: folder.path, config: { auth: { token: PRIMARY, tokens } } }));
  const isUp = async () => (await ask(PRIMARY, "/v1/catalog/list")).status === 200;
  await eventually("the catalog is loaded", isUp, START_MS_MAX);
}, START_MS_MAX);

afterAll(() => opened.disposeAsync());

interface Answer {
  status: number;
  text: string;
  code?: string;
  details?: { needs?: string };
}

async function ask(token: string, path: string, init: RequestInit = {}, at = lakehouse.url): Promise<Answer> {
  const authorization = { authorization: `Bearer ${token}` };
  const answer = await fetch(at + path, { ...init, headers: { ...authorization, ...init.headers } });
  const text = await answer.text();
  const isJson = answer.headers.get("content-type")?.startsWith("application/json") && text !== "";
  return { status: answer.status, text, ...(isJson ? (JSON.parse(text) as object) : {}) };
}

const post = (body: unknown): RequestInit => ({ method: "POST", body: JSON.stringify(body) });
const upload = (csv: string): RequestInit => ({ method: "POST", body: csv, headers: { "content-type": "text/csv" } });

describe("every scope at every route", () => {
  const routes = apiRoutes.filter(({ open }) => !open);

  it.each(scopes)("%s", async (scope) => {
    for (const route of routes) {
      for (const { at, path } of doorsOf(route)) {
        const answer = await ask(`only-${scope}`, path, requestOf(route), at);
        const missing = missingFor(route, scope);
        const told = `${route.method} ${path} at ${at}`;
        expect(answer.status, told).not.toBe(401);
        if (missing === "") expect(answer.code, told).not.toBe("forbidden_scope");
        else if (route.method === "HEAD") expect(answer.status, told).toBe(403);
        else expect(refusalOf(answer), told).toEqual({ status: 403, code: "forbidden_scope", needs: missing });
      }
    }
  });

  it("two scopes are enough for what wants both", async () => {
    expect((await ask("collector", "/v1/catalog/gc", post({ dry_run: true }))).status).toBe(200);
  });
});

/** OpenAI's shape has the code in its `error` too; both have it beside that. */
function refusalOf({ status, text }: Answer) {
  const { code, details } = JSON.parse(text) as { code: string; details: { needs: string } };
  return { status, code, needs: details.needs };
}

/** At the gateway, and at the service itself. */
function doorsOf({ path, service }: ApiRoute) {
  const filled = path.replace(/\{\w+\}/g, "door");
  const own = { at: lakehouse.daemons[service].url, path: filled.replace(/^\/v1(?=\/)/, "") };
  return service === "gateway" ? [{ at: lakehouse.url, path: filled }] : [{ at: lakehouse.url, path: filled }, own];
}

function requestOf({ method }: ApiRoute): RequestInit {
  return method === "GET" || method === "HEAD" ? { method } : { method, body: "{}" };
}

function missingFor({ scope: needed }: ApiRoute, scope: Scope): string {
  if (needed === "any" || scope === "admin") return "";
  return [needed]
    .flat()
    .filter((one) => one !== scope)
    .join(" ");
}

describe("reserved keys", () => {
  const reserved = [
    "_catalog/x",
    "_vectors/x",
    "_iceberg/x",
    "_results/x",
    "_trash/x",
    "datasets/x",
    "datasets",
    "_catalog",
  ];
  const spellings = reserved.flatMap((key) => [
    key,
    key.replaceAll("/", "%2F"),
    key.replace("a", "%61"),
    `${key}?bucket=primary`,
  ]);

  it.each(spellings)("%s is written by administrators alone, and read by everybody", async (key) => {
    const put = { method: "PUT", body: "x" };
    for (const [verb, init] of [
      ["put", put],
      ["delete", { method: "DELETE" }],
    ] as const) {
      const path = `/v1/storage/${verb}/${key}`;
      expect(await ask("only-storage:write", path, init)).toMatchObject({ status: 403, code: "reserved_key" });
      const direct = await ask("only-storage:write", path.slice("/v1".length), init, lakehouse.daemons.storaged.url);
      expect(direct).toMatchObject({ status: 403, code: "reserved_key" });
      expect(await ask("only-storage:read", path, init)).toMatchObject({ status: 403, code: "forbidden_scope" });
    }
    expect((await ask("only-storage:read", `/v1/storage/get/${key}`)).code).toBe("key_not_found");
  });

  it("a key that is none is told so first, and administrators may write", async () => {
    const init = { method: "PUT", body: "x" };
    expect(await ask("only-storage:write", "/v1/storage/put/datasets/%00", init)).toMatchObject({
      code: "invalid_key",
    });
    expect((await ask("only-storage:write", "/v1/storage/put/datasetsx/y", init)).status).toBe(200);
    expect((await ask("only-admin", "/v1/storage/put/_trash/y", init)).status).toBe(200);
    expect((await ask(PRIMARY, "/v1/storage/delete/_trash/y", { method: "DELETE" })).status).toBe(204);
  });
});

describe("a token with a limit of datasets", () => {
  beforeAll(async () => {
    await ask(PRIMARY, "/v1/ingest?name=pub_people", upload("id,name\n1,Ada\n"));
    await ask(PRIMARY, `/v1/ingest?name=${CANARY}`, upload(`id,${CANARY}\n1,${CANARY}\n`));
  });

  it.each([
    ["/v1/catalog/list", {}],
    ["/v1/sql/datasets", {}],
    [`/v1/catalog/manifest/other`, {}],
    ["/v1/catalog/gc", post({ dry_run: true })],
    ["/v1/sql", post({ sql: "SHOW TABLES" })],
    ["/v1/sql", post({ sql: "SELECT * FROM information_schema.columns" })],
    ["/v1/status", {}],
    ["/ready", {}],
  ])("%s says nothing of others", async (path, init) => {
    const { text } = await ask("supplier", path, init);
    expect(text.toLowerCase()).not.toContain(CANARY);
  });

  it("a dataset out of reach is answered as one that is not there", async () => {
    const about = async (name: string, path: string, init: RequestInit = {}) => {
      const { status, text } = await ask("supplier", path.replace("NAME", name), init);
      return { status, text: text.replaceAll(name, "NAME").replace(/"request_id":"[^"]+"/, "") };
    };
    for (const [path, init] of [
      ["/v1/catalog/manifest/NAME", {}],
      ["/v1/catalog/manifest/NAME", { method: "DELETE" }],
    ] as const) {
      expect(await about(CANARY, path, init)).toEqual(await about("canary-4712", path, init));
    }
    expect((await ask(PRIMARY, `/v1/catalog/manifest/${CANARY}`)).status).toBe(200);
  });

  it("writes what it sees, and is refused the rest, before a byte is read", async () => {
    expect((await ask("supplier", "/v1/ingest?name=pub_mine", upload("a\n1\n"))).status).toBe(200);
    const refused = await ask("supplier", `/v1/ingest?name=${CANARY}&mode=append`, upload("a\n1\n"));
    expect(refused).toMatchObject({ status: 403, code: "forbidden_dataset" });
    const absent = await ask("supplier", "/v1/ingest?name=never_there", upload("a\n1\n"));
    expect(absent).toMatchObject({ status: 403, code: "forbidden_dataset" });
  });

  it("can't read another's objects by a register of its own", async () => {
    const manifest = JSON.parse((await ask(PRIMARY, `/v1/catalog/manifest/${CANARY}`)).text) as Record<string, never>;
    const { schema_fingerprint, columns, objects, row_count } = manifest;
    const register = post({ name: "pub_theft", schema_fingerprint, columns, objects, row_count });
    expect(await ask("supplier", "/v1/catalog/register", register)).toMatchObject({ code: "forbidden_dataset" });
  });

  it("is seen in whoami, beside the others", async () => {
    const who = async (token: string) => JSON.parse((await ask(token, "/v1/whoami")).text) as object;
    expect(await who("partner")).toEqual({
      name: "partner",
      role: "agent",
      scopes: ["sql", "catalog:read", "vectors:read", "memory:read", "memory:write", "embed", "chat", "status"],
      datasets: ["pub_*"],
      expires_at: null,
    });
    expect(await who(PRIMARY)).toEqual({ name: "primary", role: "admin", scopes, datasets: ["*"], expires_at: null });
    expect(await who("only-admin")).toMatchObject({ name: "admin", role: null, scopes });
    expect(seesDataset({ datasets: ["pub_*"], scopes: [] }, CANARY)).toBe(false);
  });
});

describe("a caller's name", () => {
  it("is in the log and the metrics of each service that the request passed", async () => {
    await ask("partner", "/v1/sql", post({ sql: "SELECT 1" }));
    for (const service of ["gateway", "queryd"] as const) {
      const { url } = lakehouse.daemons[service];
      const path = service === "gateway" ? "/v1/sql" : "/sql";
      const line = `method="POST",route="${path}",status="200",caller="partner"`;
      await eventually("the metrics have it", async () =>
        (await ask(PRIMARY, "/metrics", {}, url)).text.includes(line),
      );
    }
  });

  it("is not what a client says", async () => {
    const headers = { "x-lakehouse-caller": JSON.stringify({ name: "boss", scopes, datasets: ["*"] }) };
    const { text } = await ask("partner", "/v1/sql/datasets", { headers });
    expect(text).not.toContain(CANARY);
  });
});

describe("a rate", () => {
  it("counts where the token arrives, once", async () => {
    const statuses = [];
    for (let round = 0; round < 4; round++) statuses.push((await ask("slow", "/v1/sql/datasets")).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
  });
});
