import { apiRoutes } from "@lakehouse/contracts/api";
import { httpCall, temporaryFolder, testSeed } from "@lakehouse/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Lakehouse, startLakehouse, untilReady } from "../lakehouse.ts";
import { storeExamples } from "./examples.ts";
import { fuzzApi } from "./fuzz-api.ts";
import { sendBrokenRequests } from "./send-broken.ts";

const REQUESTS_PER_ROUTE = Number(process.env["FUZZ_REQUESTS"] ?? 12);
const LIMIT_BYTES = 4 * 2 ** 20;
/** More than any route takes. */
const large = Buffer.alloc(18 * 2 ** 20, "a");

const json = { "content-type": "application/json" };

const opened = new AsyncDisposableStack();
let lakehouse: Lakehouse;

beforeAll(async () => {
  const folder = opened.use(await temporaryFolder());
  const config = {
    storaged: { max_put_bytes: LIMIT_BYTES },
    ingestd: { max_ingest_bytes: LIMIT_BYTES },
    vectord: { max_add_bytes: LIMIT_BYTES },
  };
  lakehouse = opened.use(await startLakehouse({ folder: folder.path, config }));
  await untilReady(lakehouse);
  await storeExamples(lakehouse);
});

afterAll(() => opened.disposeAsync());

describe("a body over the limit of its route is 413 to who sends it through the gateway, not a broken upstream", () => {
  const routes = apiRoutes.filter(({ body }) => body !== undefined);
  it.each(routes.map((route) => [route.id, route] as const))("%s", async (_id, { method, path, body }) => {
    // One within 16 MiB may be read to its end, and is then no JSON, or no model's.
    const type = Object.keys(body!.content)[0]!
      .replace("*/*", "application/octet-stream")
      .replace(/^multipart.*/, "text/csv");
    const target = `${path.replace(/\{\w+\}/g, "fuzz")}${path === "/v1/ingest" ? "?name=fuzz" : ""}`;
    for (const content of [large, pieces(large)]) {
      const { status } = await httpCall(method, lakehouse.url, target, {
        headers: { "content-type": type },
        body: content,
      });
      expect([413, 400], String(status)).toContain(status);
      if (status === 400) expect(path).toMatch(/^\/v1\/embed/);
    }
  });
});

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 2 ** 16) yield bytes.subarray(at, at + 2 ** 16);
}

it("a chunk that is nested too deeply to be written again is refused by matrixd", async () => {
  const more = "[".repeat(5_000) + "]".repeat(5_000);
  const body = `{"focus":"x","chunks":[{"id":"c","text":"t","more":${more}}]}`;
  const answer = await httpCall("POST", lakehouse.url, "/v1/matrix/relevance", { headers: json, body });
  expect([answer.status, answer.json().code]).toEqual([400, "invalid_request"]);
});

describe("keys of the language's own are keys like any other", () => {
  const keys = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "length"];
  it.each(keys)("%s in metadata, filters and traces", async (key) => {
    const post = async (path: string, body: string) => {
      const answer = await httpCall("POST", lakehouse.url, path, {
        headers: json,
        body,
      });
      expect(answer.status, String(answer.body)).toBeLessThan(300);
      return String(answer.body);
    };
    const metadata = `{"${key}":"${key}-value","deep":{"${key}":{"a":1}}}`;
    await post("/v1/vectors/index/fuzz/add", `{"items":[{"id":"${key}","vector":[1,2,3],"metadata":${metadata}}]}`);
    const found = await post(
      "/v1/vectors/index/fuzz/search",
      `{"vector":[1,2,3],"k":9,"filter":{"${key}":"${key}-value"}}`,
    );
    expect(found).toContain(`{"results":[{"id":"${key}",`);
    expect(found).toContain(`"metadata":${metadata}}]}`);
    const none = await post("/v1/vectors/index/fuzz/search", `{"vector":[1,2,3],"filter":{"${key}":{"gte":"~"}}}`);
    expect(none).toBe('{"results":[]}');
    await post("/v1/pathway/add", `{"uid":"${key}","content":${metadata},"tags":["${key}"],"namespace":"${key}"}`);
    const trace = await httpCall("GET", lakehouse.url, `/v1/pathway/get/${key}`);
    expect(String(trace.body)).toContain(`"content":${metadata}`);
    expect(await post("/v1/pathway/search", `{"tags":["${key}"],"namespace":"${key}"}`)).toContain(`"uid":"${key}"`);
  });
});

describe("columns called as keys of the language's own", () => {
  const names = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "length"];
  const ingest = (query: string) =>
    httpCall("POST", lakehouse.url, `/v1/ingest?name=own_keys${query}`, {
      headers: { "content-type": "text/csv" },
      body: `${names.join(",")}\n${names.map((_, index) => index).join(",")}\n`,
    });
  const columns = names.map((name) => `"${name}"`).join(", ");
  const ask = (format: string, sql = `SELECT ${columns} FROM own_keys`) =>
    httpCall("POST", lakehouse.url, `/v1/sql?format=${format}`, { headers: json, body: JSON.stringify({ sql }) });
  const manifest = async () => String((await httpCall("GET", lakehouse.url, "/v1/catalog/manifest/own_keys")).body);
  const statistics = names.map((name, at) => `"${name}":{"min":${at},"max":${at},"null_count":0}`).join(",");

  it("are ingested with their statistics, also with a type of their own, and read back after a restart", async () => {
    const first = await ingest("");
    expect(first.status, String(first.body)).toBe(200);
    expect(await manifest()).toContain(`"stats":{${statistics}}`);
    const before = await manifest();
    await lakehouse.daemons.catalogd.stop("SIGKILL");
    await lakehouse.daemons.catalogd.start();
    await untilReady(lakehouse);
    expect(await manifest()).toBe(before);
    expect((await ingest("&types=__proto__:BIGINT,constructor:BIGINT")).status).toBe(200);
    const drift = await ingest("&types=__proto__:VARCHAR");
    expect(drift.json().details.changed).toEqual([{ name: "__proto__", registered: "BIGINT", offered: "VARCHAR" }]);
  });

  it("are in answers of every format", async () => {
    expect((await ask("json")).json()).toMatchObject({
      columns: names.map((name) => ({ name })),
      rows: [[0, 1, 2, 3, 4, 5]],
    });
    expect(String((await ask("ndjson")).body)).toBe(`{${names.map((name, at) => `"${name}":${at}`).join(",")}}\n`);
    expect(String((await ask("csv")).body)).toBe(`${names.join(",")}\n0,1,2,3,4,5\n`);
    for (const format of ["arrow", "parquet"]) {
      const { status, body } = await ask(format);
      expect([status, names.every((name) => body.includes(name))]).toEqual([200, true]);
    }
    const struct = `SELECT {'__proto__': 1, 'constructor': {'__proto__': "__proto__"}} AS "__proto__" FROM own_keys`;
    expect(String((await ask("json", struct)).body)).toContain('[{"__proto__":1,"constructor":{"__proto__":0}}]');
  });
});

// Last: what is sent here deletes the examples too.
it("requests that are none are refused in our shape, and are one request to all who read them", async () => {
  const { requests, findings } = await sendBrokenRequests(lakehouse);
  expect(findings).toEqual([]);
  expect(requests).toBeGreaterThan(500);
});

it(`hostile requests at every route are answered well (FUZZ_SEED=${testSeed})`, async () => {
  const { requests, statuses, findings } = await fuzzApi(lakehouse, {
    ...{ seed: testSeed, requestsPerRoute: REQUESTS_PER_ROUTE },
    withDeadPeers: ["chatd"],
  });
  expect(findings).toEqual([]);
  expect(requests).toBe(REQUESTS_PER_ROUTE * apiRoutes.length);
  expect(statuses["200"], "some get far").toBeGreaterThan(requests / 20);
});
