import { DuckDBInstance } from "@duckdb/node-api";
import type { Random } from "../random.ts";

/** What no query may read or reach, and how it would be named. */
export interface Forbidden {
  /** Files of any kind, one an object of a dataset, one of none. */
  paths: string[];
  /** A web server that must not be asked. */
  web: string;
  /** Where a write would leave a file. */
  target: string;
  /** A variable of the engine's environment. */
  variable: string;
}

export interface EngineFunction {
  name: string;
  isTable: boolean;
}

/** What the engine itself says that it has. */
export async function engineWords(): Promise<{ functions: EngineFunction[]; keywords: string[]; settings: string[] }> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRows().map((row) => row.map(String));
  const functions = await rows(
    "SELECT DISTINCT function_name, function_type IN ('table', 'table_macro', 'pragma') FROM duckdb_functions() ORDER BY ALL",
  );
  const keywords = await rows("SELECT keyword_name FROM duckdb_keywords()");
  const settings = await rows("SELECT name FROM duckdb_settings()");
  connection.closeSync();
  return {
    functions: functions.map(([name, isTable]) => ({ name: name!, isTable: isTable === "true" })),
    keywords: keywords.map(([word]) => word!),
    settings: settings.map(([name]) => name!),
  };
}

/** Every call of a function that would show something, if anything did. */
export function callsOf({ name, isTable }: EngineFunction, { paths, web, variable }: Forbidden): string[] {
  const call = /^\w+$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
  const [file, object] = paths;
  const texts = [file, object, `${web}/x.csv`, variable].map((text) => `'${text}'`);
  const argumentLists = ["", ...texts, `[${texts[0]}]`, `${texts[0]}, 1`];
  const place = isTable
    ? (args: string) => `SELECT * FROM ${call}(${args})`
    : (args: string) => `SELECT ${call}(${args})`;
  return argumentLists.map(place);
}

/** Words of the grammar in any order, or a statement of ours with some of its words changed. */
export function randomStatement(words: string[], forbidden: Forbidden, random: Random): string {
  const operands = operandsOf(forbidden);
  const word = () => (random.chance(0.5) ? random.pick(words) : random.pick(operands));
  if (random.chance(0.4)) return Array.from({ length: random.integer(1, 25) }, word).join(" ");
  const parts = random.pick(seeds(forbidden)).split(" ");
  for (let change = random.integer(1, 4); change > 0; change--) {
    const at = random.integer(0, parts.length - 1);
    parts.splice(at, random.integer(0, 2), ...Array.from({ length: random.integer(0, 2) }, word));
  }
  return parts.join(" ");
}

function operandsOf({ paths, web, target }: Forbidden): string[] {
  const texts = [...paths, `${web}/x.parquet`, target, "s3://x/y", "duckdb", "$.x", "%"].map((text) => `'${text}'`);
  const names = [
    "workers",
    "id",
    "name",
    `"${paths[0]}"`,
    "main",
    "memory",
    "information_schema.tables",
    "information_schema.columns",
    '"wor\u212Aers"',
    "duckdb_views",
    "duckdb_secrets()",
  ];
  const signs = [
    "(",
    ")",
    ",",
    ";",
    "*",
    "=",
    ".",
    "::",
    "[",
    "]",
    "{",
    "}",
    "$1",
    "?",
    "->",
    "lambda x:",
    "--",
    "/*",
    "*/",
    "\u00a0",
    "$$",
    "''",
  ];
  return [...texts, ...names, ...signs, ...signs, "1", "-1", "1e400", "NULL", "x'00'", "E'\\x00'"];
}

function seeds({ paths: [path], web, target }: Forbidden): string[] {
  return [
    "SELECT count(*) , max( id ) FROM workers WHERE name = 'Ada' GROUP BY ALL ORDER BY 1 LIMIT 5",
    "WITH a AS ( SELECT * FROM workers ) SELECT * FROM a JOIN workers USING ( id )",
    `SELECT * FROM read_csv( '${path}' )`,
    `FROM '${path}' SELECT *`,
    `COPY workers TO '${target}' ( FORMAT csv )`,
    `COPY ( SELECT 1 ) TO '${target}'`,
    `ATTACH '${target}' AS a ; CREATE TABLE a.t AS SELECT 1`,
    `INSTALL httpfs FROM '${web}'`,
    "SET GLOBAL enable_external_access = true",
    "CREATE OR REPLACE MACRO m( x ) AS TABLE SELECT * FROM query( x )",
    `EXPLAIN ANALYZE COPY workers TO '${target}'`,
    "PIVOT workers ON name USING count( * )",
    "SELECT * FROM workers POSITIONAL JOIN ( VALUES ( 1 ) , ( 2 ) ) t( x ) QUALIFY row_number( ) OVER ( ) = 1",
    "SELECT list_transform( [ 1 , 2 ] , lambda x : current_setting( 'temp_directory' ) )",
    "DESCRIBE SELECT * FROM workers UNION ALL BY NAME SELECT * FROM workers",
    "SELECT error( table_name ) FROM information_schema.tables WHERE table_name <> 'workers'",
    "SELECT * FROM ( SHOW ALL TABLES ) t JOIN ( DESCRIBE ) USING ( name )",
    "PREPARE p AS SELECT 1 ; EXECUTE p",
    `EXPORT DATABASE '${target}'`,
    "SELECT { 'a' : 1 } . a , [ 1 ] [ 1 ] , MAP { 'k' : 2 } [ 'k' ] , x'41' , DATE '2020-01-01' + INTERVAL 1 DAY",
  ];
}
