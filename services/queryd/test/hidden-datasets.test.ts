import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { type Caller, type QueryRequest, type ResultFormat, resultFormats } from "@lakehouse/contracts";
import { LakehouseError } from "@lakehouse/core";
import { testContext } from "@lakehouse/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { everything, visibilityOf } from "../src/views/visibility.ts";
import { type Harness, openHarness } from "./query-harness.ts";
import { refusedStatements, unscopedCtes } from "./refused-statements.ts";
import { servedStatements } from "./served-statements.ts";
import { expressionPlaces, hostileExpressions, queryPlaces, spelled } from "./statement-parts.ts";

/** Stands in the name, the columns and the values of datasets that are hidden. */
const CANARY = "c4n4ry";
const agent: Caller = { name: "agent", scopes: ["sql"], datasets: ["pub_*"] };
const reader: Caller = { name: "reader", scopes: ["sql"], datasets: ["*"] };
const admin: Caller = { name: "primary", scopes: ["sql", "observe"], datasets: ["*"] };

const people = `SELECT range AS id, 'n' || range AS name, range % 3 AS zip, CASE WHEN range % 2 = 0 THEN 'IL' ELSE 'TX' END AS state,
  range * 2 AS a, 'b' || range AS b, 'role' AS role, range / 2 AS hourly_rate, true AS workers, [1, 2] AS x FROM range(10)`;
const secrets = `SELECT range AS id, '${CANARY}-value' AS ${CANARY}_column, ${people.slice("SELECT range AS id,".length)}`;

/** All that there is, and only what the agent may see of it. */
let full: Harness;
let bare: Harness;

beforeAll(async () => {
  [full, bare] = await Promise.all([openHarness({ threads: 1 }), openHarness({ threads: 1 })]); // one, for the same order of rows
  for (const world of [full, bare]) await world.addDataset("pub_workers", people);
  await full.addDataset("workers", secrets);
  for (const name of [`workerz_${CANARY}`, `wor_${CANARY}.2024`, `_${CANARY}`, `pub${CANARY}`]) {
    await full.addDataset(name, secrets);
  }
});

afterAll(() => Promise.all([full, bare].map((world) => world[Symbol.asyncDispose]())));

async function answer(world: Harness, caller: Caller, query: QueryRequest | string, format: ResultFormat = "json") {
  const request = typeof query === "string" ? { sql: query } : query;
  try {
    const body = await world.runner.run(request, format, { ...testContext(), caller });
    return untimed(body instanceof Readable ? await buffer(body) : body);
  } catch (error) {
    if (!(error instanceof LakehouseError)) throw error;
    const { code, message, details } = error;
    return JSON.stringify({ code, message, details });
  }
}

/** Without what differs between two runs. */
function untimed(body: Buffer): string {
  const text = body.toString("latin1").replace(/"elapsed_ms":[\d.]+/, "");
  return text.includes("analyzed_plan") ? text.replace(/[\d.]+s/g, "").replace(/ +/g, " ") : text;
}

/** What the agent is answered, which must be what it would be answered were there nothing else. */
async function expectAsBare(query: QueryRequest | string, format: ResultFormat = "json"): Promise<string> {
  const [told, expected] = await Promise.all([answer(full, agent, query, format), answer(bare, agent, query, format)]);
  expect(told, JSON.stringify(query)).toBe(expected);
  expect(told).not.toContain(CANARY);
  return told;
}

const rowsOf = (text: string) =>
  (JSON.parse(text.replace(",}", "}").replace(/,\s*$/, "")) as { rows: unknown[][] }).rows;

const catalogLists = [
  "SHOW TABLES",
  "SHOW ALL TABLES",
  "DESCRIBE",
  "SHOW TABLES FROM main",
  "SHOW TABLES FROM memory",
  "SHOW TABLES FROM memory.main",
  "SHOW DATABASES",
  "SELECT * FROM (SHOW TABLES) t WHERE t.name LIKE '%'",
  "SELECT unnest(column_names) FROM (DESCRIBE)",
  "FROM information_schema.tables",
  'FROM Information_Schema."TABLES" t',
  "FROM information_schema.columns",
  "SELECT information_schema.columns.column_name, columns.data_type FROM information_schema.columns ORDER BY ALL",
  "SELECT c.* FROM information_schema.columns c JOIN information_schema.tables USING (table_name)",
  "SELECT count(*), max(table_name) FROM information_schema.tables",
  "SELECT (SELECT count(*) FROM information_schema.tables), EXISTS (FROM (SHOW TABLES) WHERE name = 'workers')",
  "WITH tables AS (FROM information_schema.tables) FROM tables",
  "SUMMARIZE information_schema.columns",
  "DESCRIBE information_schema.tables",
  "SELECT error(table_name) FROM information_schema.tables WHERE table_name <> 'pub_workers'",
  "SELECT CASE WHEN table_name = 'pub_workers' THEN 1 ELSE error(table_name) END FROM information_schema.tables",
  "SELECT * FROM information_schema.columns WHERE column_name::INT = 1 AND table_name LIKE '%4%'",
  "EXPLAIN FROM information_schema.tables",
  "EXPLAIN ANALYZE FROM information_schema.tables",
  "EXPLAIN ANALYZE SHOW ALL TABLES",
  "EXPLAIN (FORMAT json) FROM (SHOW TABLES)",
  "FROM (SHOW ALL TABLES) UNION ALL FROM (DESCRIBE)",
  "PIVOT information_schema.tables ON table_type IN ('VIEW') USING count(*)",
];

/** Places where an engine that knew the name would say so. */
const mentions = [
  "SELECT * FROM WORKERS",
  'SELECT * FROM "workers"',
  "SELECT * FROM main.workers",
  "SELECT * FROM memory.main.workers",
  "SELECT * FROM pub_workers, workers",
  "SELECT * FROM workerz",
  "SELECT * FROM wrkers",
  `SELECT * FROM "wor_${CANARY}.2024"`.replace(CANARY, "x"),
  "SELECT workers.id FROM pub_workers",
  "SELECT workers FROM pub_workers",
  "SELECT workers.* FROM pub_workers",
  "SELECT main.workers.id FROM pub_workers",
  "SELECT id FROM pub_workers WHERE 1 IN workers",
  "SELECT 'x'::workers",
  "SELECT NULL::main.workers[]",
  "SELECT CAST('x' AS STRUCT(a workers))",
  "SELECT 'workers'::regclass",
  "SELECT 'x' COLLATE workers",
  "SELECT workers(1)",
  "SELECT * FROM workers()",
  "SELECT workers.lower('X')",
  "SELECT make_type('workers')",
  "SELECT has_table_privilege('workers', 'SELECT')",
  "WITH workers AS (SELECT 1 AS id) SELECT workers.id FROM workers",
  "WITH RECURSIVE workers AS (SELECT 1 AS id UNION ALL SELECT id + 1 FROM workers WHERE id < 3) FROM workers",
  "WITH workers AS (FROM workers) FROM workers",
  'WITH "wor\u212Aers" AS (SELECT 1) FROM workers',
  'WITH "É" AS (SELECT 1) FROM "é"',
  'WITH "WORKERÉ" AS (SELECT 1) FROM "workeré"',
  'FROM "pub_wor\u212Aers"',
  "SELECT 1 AS workers ORDER BY workers",
  "FROM _",
  "FROM duckdb_views",
  "FROM temp.duckdb_views",
  "FROM temp.main.duckdb_views",
  "SELECT * FROM duckdb_views()",
];

const statements = [...servedStatements, ...refusedStatements, ...unscopedCtes];
/** Its rows are drawn anew each time. */
const isRandom = (sql: string) => sql.includes("TABLESAMPLE");

describe("for a caller with some datasets, the others do not exist", () => {
  test("not in the hostile statements, over the name of a hidden one, of none and of a visible one", async () => {
    const names = ["workers", "WoRKeRS", "pub_workers", `nobody${"s".repeat(6)}`];
    for (const name of names) {
      for (const sql of statements) if (!isRandom(sql)) await expectAsBare(sql.replaceAll(/\bworkers\b/gi, name));
    }
    expect(statements.length).toBeGreaterThan(150);
  });

  test("a hidden name is answered as one that nobody has, but for the name", async () => {
    const [hidden, absent] = [`workerz_${CANARY}`, `workerz_${CANARY.replace("y", "x")}`];
    for (const sql of [...statements, ...mentions].filter((one) => !isRandom(one))) {
      const over = (name: string) => answer(full, agent, sql.replaceAll(/\bworkers\b/gi, name));
      expect((await over(hidden)).replaceAll(hidden, absent), sql).toBe(await over(absent));
    }
  });

  test.each(mentions)("%s", async (sql) => void (await expectAsBare(sql)));

  describe.each(resultFormats)("in lists of the catalog as %s", (format) => {
    // How long it took stands in a Parquet file under compression.
    const isTimed = (sql: string) => format === "parquet" && sql.startsWith("EXPLAIN ANALYZE");
    test.each(catalogLists.filter((sql) => !isTimed(sql)))("%s", async (sql) => {
      const first = await expectAsBare(sql, format);
      expect(await expectAsBare(sql, format), "nor when the statement is known").toBe(first);
    });
  });

  test("lists take parameters", async () => {
    const told = await expectAsBare({
      sql: "SELECT table_name FROM information_schema.tables WHERE table_name LIKE $1 LIMIT $2",
      params: ["%wor%", 5],
    });
    expect(rowsOf(told)).toEqual([["pub_workers"]]);
  });

  test("law: whatever a statement is made of", async () => {
    const names = fc.constantFrom(
      "workers",
      "pub_workers",
      `"wor\u212Aers"`,
      "main.workers",
      "t",
      "information_schema.tables",
    );
    const words = fc.oneof(
      { weight: 2, arbitrary: names },
      fc.constantFrom(
        "select",
        "from",
        "with",
        "as",
        "(",
        ")",
        ",",
        "1",
        "*",
        "union all",
        "show tables",
        "join",
        "describe",
        "recursive",
        "::",
        ".",
      ),
    );
    const soup = fc.array(words, { minLength: 2, maxLength: 14 }).map((all) => all.join(" "));
    const tower = fc.array(fc.tuple(names, names), { minLength: 1, maxLength: 4 }).map((ctes) => {
      const defined = ctes.map(([name, source]) => `${name.replace(/.*\./, "")} AS (SELECT * FROM ${source})`);
      return `WITH ${defined.join(", ")} FROM ${ctes.at(-1)![1]}`;
    });
    const expression = fc.oneof(
      hostileExpressions,
      names.map((name) => `(SELECT max(id) FROM ${name})`),
      names.map((name) => `${name}.id`),
      fc.constantFrom(
        "(SELECT max(table_name) FROM information_schema.tables)",
        "(SELECT count(*) FROM (SHOW TABLES))",
      ),
    );
    const placed = fc
      .tuple(queryPlaces, expressionPlaces, expression, spelled, fc.boolean())
      .map(([place, inner, one, spell, isVisible]) => {
        const sql = place(inner(spell(one)));
        return isVisible ? sql.replaceAll(/(?<![\w"])workers/gi, "pub_workers") : sql;
      });
    await fc.assert(
      fc.asyncProperty(fc.oneof(soup, tower, placed), async (sql) => void (await expectAsBare(sql))),
      { numRuns: 600 },
    );
  });
});

describe("what another caller has asked", () => {
  test("is not answered from what is known of it, in either direction", async () => {
    const sql = `SELECT max(${CANARY}_column) AS m FROM workers -- known`;
    for (let times = 0; times < 3; times++)
      expect(rowsOf(await answer(full, admin, sql))).toEqual([[`${CANARY}-value`]]);
    expect(await expectAsBare(sql.replace(CANARY, "c"))).toContain("Catalog Error");
    expect(await answer(full, agent, sql)).toContain("Table with name workers does not exist!");
    expect(rowsOf(await answer(full, admin, sql))).toEqual([[`${CANARY}-value`]]);
  });

  test("nor is a list", async () => {
    const names = async (caller: Caller) => rowsOf(await answer(full, caller, "SHOW TABLES")).flat();
    const all = full.views.list(everything).map(({ name }) => name);
    for (let times = 0; times < 3; times++) {
      expect((await names(admin)).toSorted()).toEqual(all.toSorted());
      expect(await names(agent)).toEqual(["pub_workers"]);
      expect((await names(reader)).toSorted()).toEqual(all.filter((name) => !name.startsWith("_")).toSorted());
    }
  });
});

test("a name that begins with _ needs observe", async () => {
  const sql = `SELECT count(*) FROM _${CANARY}`;
  expect(await answer(full, reader, sql)).toContain("Catalog Error");
  expect(rowsOf(await answer(full, admin, sql))).toEqual([[10]]);
  expect(full.views.list(visibilityOf(reader)).map(({ name }) => name)).not.toContain(`_${CANARY}`);
});

test("a context without a caller is the service's own, and sees all", async () => {
  expect(visibilityOf(undefined).isTotal).toBe(true);
  expect(visibilityOf(admin).isTotal).toBe(true);
  expect(visibilityOf(reader).isTotal).toBe(false);
});
