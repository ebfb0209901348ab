import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { type ResultFormat, resultFormats } from "@lakehouse/contracts";
import { type HttpAnswer, httpCall, type ServiceProcess, startService } from "@lakehouse/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lakehouse, startLakehouse } from "./lakehouse.ts";
import { type Places, placed, reachingStatements } from "./reaching-statements.ts";
import { refusedStatements, unscopedCtes } from "./refused-statements.ts";
import { servedStatements } from "./served-statements.ts";

/** Stands in the name of a hidden dataset, in its columns and in its values. */
const CANARY = "c4n4ry";
const HIDDEN = `hidden_${CANARY}`;
/** A name of the same length that nobody has. */
const ABSENT = "hidden_nobody";
const PRIMARY = "the-first-token";
const AGENT = "the-token-of-an-agent";
const AT_ONCE = 4;

let lakehouse: Lakehouse;
let gateway: ServiceProcess;
let reader: DuckDBConnection;
let places: Places;

beforeAll(async () => {
  const tokens = [{ name: "agent", token: AGENT, role: "agent", datasets: ["pub_*"] }];
  const auth = { token: PRIMARY, tokens };
  lakehouse = await startLakehouse({ auth });
  const { storaged, catalogd, ingestd, queryd } = lakehouse;
  const urls = { storaged, catalogd, ingestd, queryd };
  const peers = Object.fromEntries(Object.entries(urls).map(([name, { url }]) => [`${name}_url`, url]));
  gateway = await startService("gateway", { config: { auth, gateway: peers } });
  const csv = `id,name,zip,state,role,a,b\n1,Ada,00501,IL,x,1,2\n2,Bo,00502,TX,y,3,4\n`;
  await lakehouse.ingest("pub_workers", csv);
  const { object } = await lakehouse.ingest(HIDDEN, `id,${CANARY}_column\n1,${CANARY}-value\n`);
  await lakehouse.ingest("workers", `id,${CANARY}_column\n1,${CANARY}-value\n`);
  await lakehouse.ingest(`_${CANARY}`, `${CANARY}_column\n${CANARY}-value\n`);
  const path = join(lakehouse.folder, "objects/primary", object.key);
  places = {
    $OBJECT: path,
    $PRIVATE: object.key,
    $FOREIGN: `s3://primary/${object.key}`,
    $WEB: storaged.url,
    $S3: storaged.url,
  };
  reader = await (await DuckDBInstance.create(":memory:")).connect();
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await lakehouse[Symbol.asyncDispose]();
});

function send(sql: string, format: ResultFormat, token: string, at = gateway.url): Promise<HttpAnswer> {
  return httpCall("POST", at, `/v1/sql?format=${format}`.slice(at === gateway.url ? 0 : "/v1".length), {
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "x-request-id": "the-same" },
    body: JSON.stringify({ sql, timeout_ms: 20_000 }),
  });
}

/** All that an answer says, without what differs between two of the same. */
async function told({ status, headers, body }: HttpAnswer, format: ResultFormat): Promise<string> {
  const { date: _date, "content-length": _length, ...rest } = headers;
  const isParquet = status === 200 && format === "parquet";
  const content = isParquet ? await unpacked(body) : body.toString("latin1");
  const text = content.replace(/"elapsed_ms":[\d.]+/, "");
  const untimed = text.includes("analyzed_plan") ? text.replace(/[\d.]+s/g, "").replace(/ +/g, " ") : text;
  return JSON.stringify([status, rest]) + untimed;
}

/** Pages of a Parquet file are compressed: what is in them is looked for among its rows, what is around them in its schema. */
async function unpacked(body: Buffer): Promise<string> {
  const path = join(lakehouse.folder, `${crypto.randomUUID()}.parquet`);
  await writeFile(path, body);
  const read = async (sql: string) => JSON.stringify((await reader.runAndReadAll(sql)).getRowsJson());
  return (await read(`FROM '${path}'`)) + (await read(`SELECT * EXCLUDE (file_name) FROM parquet_schema('${path}')`));
}

/** The canary as it stands, in UTF-16, in hexadecimal digits, and in Base64 wherever it begins among three bytes. */
const disguises = [
  Buffer.from(CANARY),
  Buffer.from(CANARY, "utf16le"),
  Buffer.from(CANARY, "utf16le").swap16(),
  Buffer.from(Buffer.from(CANARY).toString("hex")),
  ...[0, 1, 2].map((offset) => Buffer.from(base64Core(offset))),
];

/** The letters that do not depend on what stands around. */
function base64Core(offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), Buffer.from(CANARY), Buffer.alloc(3)]).toString("base64");
  return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + CANARY.length) * 8) / 6));
}

const showsCanary = (text: string) =>
  disguises.some((disguise) => text.toLowerCase().includes(disguise.toString("latin1").toLowerCase()));

/** A refusal quotes the path that the statement names. */
const withoutPlaces = (text: string) => Object.values(places).reduce((rest, path) => rest.replaceAll(path, ""), text);

/** Its rows are drawn anew each time. */
const isRandom = (sql: string) => /TABLESAMPLE/.test(sql);
const statements = [...servedStatements, ...refusedStatements, ...unscopedCtes, ...reachingStatements].filter(
  (sql) => !isRandom(sql),
);

async function forEach(queries: string[], check: (sql: string) => Promise<void>): Promise<void> {
  const queue = queries.values();
  const worker = async () => {
    for (const sql of queue) await check(sql);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

describe.each(resultFormats)("a token with datasets, through the gateway, as %s", (format) => {
  test(`finds the canary in none of ${statements.length} hostile statements, as they are and over what it sees`, async () => {
    const over = [...statements, ...statements.map((sql) => sql.replaceAll(/\bworkers\b/gi, "pub_workers"))];
    const shown: string[] = [];
    await forEach(over, async (statement) => {
      const answer = await told(await send(placed(statement, places), format, AGENT), format);
      if (showsCanary(withoutPlaces(answer))) shown.push(statement);
    });
    expect(shown).toEqual([]);
  });

  test("is answered for a hidden name what it is for one that nobody has", async () => {
    const naming = statements.filter((sql) => /workers/i.test(sql));
    await forEach(naming, async (sql) => {
      const [hidden, absent] = await Promise.all(
        [HIDDEN, ABSENT].map(async (name) =>
          told(await send(sql.replaceAll(/\bworkers\b/gi, name), format, AGENT), format),
        ),
      );
      expect(hidden!.replaceAll(HIDDEN, ABSENT), sql).toBe(absent);
    });
  });
});

test("the canary is there to be found: the primary token finds it, in every format", async () => {
  for (const format of resultFormats) {
    for (const sql of [`FROM ${HIDDEN}`, "SHOW TABLES", "FROM information_schema.columns"]) {
      expect(showsCanary(await told(await send(sql, format, PRIMARY), format)), `${sql} as ${format}`).toBe(true);
    }
  }
});

test("the token is as limited at queryd itself", async () => {
  const { url } = lakehouse.queryd;
  expect((await send("SHOW TABLES", "json", AGENT, url)).json().rows).toEqual([["pub_workers"]]);
  expect((await send(`FROM ${HIDDEN}`, "json", AGENT, url)).json()).toMatchObject({
    code: "sql_error",
    error: `Catalog Error: Table with name ${HIDDEN} does not exist!`,
  });
});

test("/sql/datasets lists what the token sees", async () => {
  const listed = async (token: string, at: string, path: string) => {
    const answer = await httpCall("GET", at, path, { headers: { authorization: `Bearer ${token}` } });
    return (answer.json() as { datasets: { name: string }[] }).datasets.map(({ name }) => name);
  };
  const all = new Set([HIDDEN, `_${CANARY}`, "pub_workers", "workers"]);
  for (const [at, path] of [
    [gateway.url, "/v1/sql/datasets"],
    [lakehouse.queryd.url, "/sql/datasets"],
  ] as const) {
    expect(await listed(AGENT, at, path)).toEqual(["pub_workers"]);
    expect(new Set(await listed(PRIMARY, at, path))).toEqual(all);
  }
});
