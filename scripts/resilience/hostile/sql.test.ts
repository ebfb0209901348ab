import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  answerJson,
  type FakeUpstream,
  httpCall,
  type ServiceProcess,
  startFakeUpstream,
  startService,
  temporaryFolder,
  testSeed,
} from "@lakehouse/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Random } from "../random.ts";
import { callsOf, engineWords, type Forbidden, randomStatement } from "./fuzz-sql.ts";

const STATEMENTS = Number(process.env["FUZZ_STATEMENTS"] ?? 1_000);
const AT_ONCE = 4;
/** Stands in all that no query may show. */
const LEAK = "c0ffee-leak";
/** Stands in the name, the columns and the values of a dataset that the agent's token does not see. */
const CANARY = "c4n4ry";
const PRIMARY = "the-first-token";
const AGENT = "the-token-of-an-agent";
const codes = ["sql_error", "statement_not_allowed", "invalid_request", "query_timeout", "query_out_of_memory"];

const opened = new AsyncDisposableStack();
let queryd: ServiceProcess;
let web: FakeUpstream;
let forbidden: Forbidden;
let words: Awaited<ReturnType<typeof engineWords>>;
let folder: string;

beforeAll(async () => {
  folder = opened.use(await temporaryFolder()).path;
  web = opened.use(await startFakeUpstream((_request, response) => answerJson(response, 200, { leak: LEAK })));
  const storage = { data_dir: join(folder, "objects") };
  const tokens = [{ name: "agent", token: AGENT, role: "agent", datasets: ["work*"] }];
  const auth = { token: PRIMARY, tokens };
  const start = async (name: "storaged" | "catalogd" | "ingestd" | "queryd", own: Record<string, unknown>) => {
    const environment = { LAKE_LEAK: LEAK, AWS_SECRET_ACCESS_KEY: LEAK, AWS_ACCESS_KEY_ID: "x" };
    return opened.use(await startService(name, { environment, config: { auth, storaged: storage, [name]: own } }));
  };
  const storaged = await start("storaged", storage);
  const catalogd = await start("catalogd", { storaged_url: storaged.url });
  const peers = { storaged_url: storaged.url, catalogd_url: catalogd.url };
  const ingestd = await start("ingestd", { ...peers, spool_dir: join(folder, "spool") });
  queryd = await start("queryd", { ...peers, temp_dir: join(folder, "temp"), cache_dir: join(folder, "cache") });
  const authorization = `Bearer ${PRIMARY}`;
  const ingest = async (name: string, body: string) => {
    const headers = { authorization, "content-type": "text/csv" };
    return (await httpCall("POST", ingestd.url, `/ingest?name=${name}`, { headers, body })).json();
  };
  const { object } = await ingest("workers", "id,name\n1,Ada\n2,Bo\n");
  await ingest(`hidden_${CANARY}`, `id,${CANARY}_column\n1,${CANARY}-value\n`);
  const secret = { headers: { authorization }, body: `a\n${LEAK}\n` };
  await httpCall("PUT", storaged.url, "/storage/put/private/secret.csv", secret);
  for (const name of ["secret.csv", "secret.json", "secret.parquet", "secret.db"])
    writeFileSync(join(folder, name), `a\n${LEAK}\n`);
  forbidden = {
    paths: [
      join(folder, "secret.csv"),
      join(folder, "objects/primary/private/secret.csv"),
      join(folder, "objects/primary", object.key),
      join(folder, "*.csv"),
      "/proc/self/environ",
    ],
    web: web.url,
    target: join(folder, "written"),
    variable: "LAKE_LEAK",
  };
  words = await engineWords();
});

afterAll(() => opened.disposeAsync());

it("no function of the engine reads a file, a setting, the environment or the network", async () => {
  const statements = words.functions.flatMap((one) => callsOf(one, forbidden));
  const settings = words.settings.flatMap((name) => [
    `SELECT current_setting('${name}')`,
    `SET ${name} = 1`,
    `RESET ${name}`,
  ]);
  await noneGetsThrough([...statements, ...settings]);
  expect(words.functions.length).toBeGreaterThan(700);
});

it(`no statement of the grammar's words does (FUZZ_SEED=${testSeed})`, async () => {
  const random = new Random(testSeed);
  const all = [...words.keywords, ...words.functions.map(({ name }) => name)];
  await noneGetsThrough(Array.from({ length: STATEMENTS }, () => randomStatement(all, forbidden, random)));
});

/** Each is answered, by a refusal or by what it may know; nothing is written, nobody is asked, and the next query is served. */
async function noneGetsThrough(statements: string[]): Promise<void> {
  const before = readdirSync(folder);
  const faults: string[] = [];
  const queue = statements.values();
  const ask = async () => {
    for (const sql of queue) {
      for (const [token, secrets] of askers) {
        const answer = await query(sql, token);
        const text = String(answer.body);
        const isTold = answer.status === 200 || codes.includes(JSON.parse(text).code);
        const isShown = secrets.some((secret) => text.includes(secret));
        if (!isTold || isShown) faults.push(`${sql}\n${text.slice(0, 300)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  expect(faults).toEqual([]);
  expect(web.requests).toEqual([]);
  expect(readdirSync(folder)).toEqual(before);
  for (const [token] of askers) expect((await query("SELECT count(*) FROM workers", token)).json().rows).toEqual([[2]]);
}

/** Who asks, and what must not be told. */
const askers = [
  [PRIMARY, [LEAK]],
  [AGENT, [LEAK, CANARY]],
] as const;

function query(sql: string, token: string) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return httpCall("POST", queryd.url, "/sql", { headers, body: JSON.stringify({ sql, timeout_ms: 2_000 }) });
}
