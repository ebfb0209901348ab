import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { LakehouseError } from "@lakehouse/core";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { refusedStatements, unscopedCtes } from "../../test/refused-statements.ts";
import { servedStatements } from "../../test/served-statements.ts";
import { expressionPlaces, hostileExpressions, queryPlaces, spelled } from "../../test/statement-parts.ts";
import { readEngineNames } from "../engine/engine-names.ts";
import { foldName } from "../sql/fold-name.ts";
import { type VettedStatement, vetStatement } from "./statement-guard.ts";
import { statementParser } from "./statement-parser.ts";
import type { NameLookup } from "./tree-gate.ts";

let connection: DuckDBConnection;
let names: NameLookup;

beforeAll(async () => {
  connection = await (await DuckDBInstance.create(":memory:")).connect();
  const engine = await readEngineNames(connection);
  const datasets = new Map([
    ["workers", "Workers"],
    ["sales.2024", "sales.2024"],
  ]);
  names = {
    dataset: (name) => datasets.get(foldName(name)),
    isEngineFunction: (name) => engine.functions.has(name),
    isEngineRelation: (name) => engine.relations.has(name),
  };
});

const vet = (sql: string): Promise<VettedStatement> => vetStatement(sql, statementParser(connection), names);
const codeOf = (sql: string): Promise<string> =>
  vet(sql).then(
    () => "passed",
    (error: LakehouseError) => error.code ?? `not ours: ${error.message}`,
  );

describe("what is served", () => {
  test.each(servedStatements)("%s", async (sql) => {
    await expect(codeOf(sql)).resolves.toBe("passed");
  });

  test("the datasets that a statement reads come out by their registered names", async () => {
    const { datasets, sql, explain } = await vet('EXPLAIN WITH x AS (FROM WORKERS) SELECT * FROM x, "Sales.2024";');
    expect(datasets).toEqual(new Set(["Workers", "sales.2024"]));
    expect(sql).toBe('WITH x AS (FROM WORKERS) SELECT * FROM x, "Sales.2024"');
    expect(explain).toEqual({ analyze: false, format: "text" });
  });

  test("a statement that lists the catalog is known as one, however deep the list stands in it", async () => {
    const lists = ["SHOW TABLES", "DESCRIBE", "SHOW TABLES FROM main", "FROM Information_Schema.TABLES"];
    for (const list of lists) {
      for (const sql of [list, `EXPLAIN ${list}`, `WITH a AS (FROM (${list})) SELECT (SELECT count(*) FROM a)`]) {
        expect(await vet(sql), sql).toMatchObject({ listsCatalog: true });
      }
    }
    for (const sql of ["DESCRIBE workers", "SUMMARIZE workers", "WITH tables AS (SELECT 1) FROM tables"]) {
      expect(await vet(sql), sql).toMatchObject({ listsCatalog: false });
    }
  });
});

describe("what is refused: statement_not_allowed", () => {
  test.each(refusedStatements)("%s", async (sql) => {
    await expect(codeOf(sql)).resolves.toBe("statement_not_allowed");
  });
});

describe("a CTE is visible exactly where DuckDB sees it; elsewhere its name would open a file", () => {
  test.each(unscopedCtes)("%s", async (sql) => {
    await expect(codeOf(sql)).resolves.not.toBe("passed");
  });
});

describe("mistakes", () => {
  test.each([
    ["SELECT FROM WHERE", "parser"],
    ["SELEC 1", "parser"],
    ["SELECT 1) t; DROP VIEW workers; SELECT * FROM (SELECT 1", "parser"],
    ["EXPLAIN (nonsense) SELECT 1", "parser"],
  ])("%s is the parser's to explain", async (sql, kind) => {
    await expect(vet(sql)).rejects.toMatchObject({
      code: "sql_error",
      message: expect.stringMatching(/Parser Error: .*\n+LINE 1/),
      details: { kind },
    });
  });

  test("a table that does not exist is a catalog error, without asking the engine", async () => {
    await expect(vet("SELECT * FROM workerz")).rejects.toMatchObject({
      code: "sql_error",
      message: "Catalog Error: Table with name workerz does not exist!",
      details: { kind: "catalog" },
    });
  });

  test("a table function that nobody knows, and what other builds of DuckDB bring, is refused", async () => {
    for (const sql of ["FROM rang(3)", "FROM st_read('x')", "SELECT getenv('HOME')", "SELECT http_get('x')"]) {
      await expect(vet(sql)).rejects.toMatchObject({ code: "statement_not_allowed" });
    }
  });

  test("so is a function that does not exist", async () => {
    await expect(vet("SELECT uper('x')")).rejects.toMatchObject({ code: "sql_error", details: { kind: "catalog" } });
  });

  test.each(["-- nothing", ";", "/* */", "EXPLAIN", "SELECT 1\0"])("%j holds no statement", async (sql) => {
    await expect(codeOf(sql)).resolves.toBe("invalid_request");
  });

  test("a statement nested without end is refused, not a crash", async () => {
    expect(await codeOf(`SELECT ${"1 + ".repeat(900)}1`)).toBe("passed");
    await expect(vet(`SELECT ${"(".repeat(100_000)}1`)).rejects.toThrow("Parser Error");
    await expect(vet(`SELECT 1${" + 1".repeat(100_000)}`)).rejects.toThrow("Parser Error");
  });
});

describe("laws", () => {
  test("no statement passes with a forbidden function or name anywhere in it", async () => {
    const hostile = fc.tuple(queryPlaces, expressionPlaces, hostileExpressions, spelled);
    await fc.assert(
      fc.asyncProperty(hostile, async ([place, inner, expression, spell]) => {
        expect(await codeOf(place(inner(spell(expression))))).toBe("statement_not_allowed");
      }),
      { numRuns: 1_000 },
    );
  });

  test("the same places pass with a harmless expression", async () => {
    await fc.assert(
      fc.asyncProperty(fc.tuple(queryPlaces, expressionPlaces), async ([place, inner]) => {
        expect(await codeOf(place(inner("upper('x')")))).toBe("passed");
      }),
      { numRuns: 300 },
    );
  });

  test("what passes reads only datasets: DuckDB itself finds no other table in it", async () => {
    const fragments = fc.array(
      fc.constantFrom("select", "from", "workers", "'a.csv'", '"a.csv"', "(", ")", ",", "1", "*", "with", "x", "as"),
      { minLength: 2, maxLength: 14 },
    );
    await fc.assert(
      fc.asyncProperty(fragments, async (words) => {
        const sql = words.join(" ");
        if ((await codeOf(sql)) !== "passed") return;
        const tables = connection.getTableNames(sql, false).map((name) => name.toLowerCase());
        expect(["", "workers"]).toEqual(expect.arrayContaining(tables));
      }),
      { numRuns: 1_000 },
    );
  });
});
