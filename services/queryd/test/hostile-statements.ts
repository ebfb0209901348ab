import fc from "fast-check";

/** Statements over a dataset `workers`, friendly and hostile, for every test that a wall must pass. */

/** Each reads datasets, or nothing, and is let through. */
export const servedStatements = [
  "SELECT 1",
  "SELECT * FROM workers",
  "FROM WORKERS",
  "TABLE workers",
  "VALUES (1, 'a'), (2, 'b')",
  "SELECT * FROM memory.main.workers",
  "SELECT * FROM main.workers w WHERE w.state = $1 LIMIT 10 OFFSET 5",
  'SELECT * FROM "sales.2024"',
  "WITH a AS (SELECT * FROM workers), b AS (FROM a) SELECT * FROM b JOIN a USING (zip)",
  "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 9) FROM r",
  "WITH workers AS (SELECT * FROM workers) FROM workers",
  "WITH m AS MATERIALIZED (FROM workers) SELECT count(*) FROM m",
  "DESCRIBE workers",
  "SHOW workers",
  "SHOW TABLES",
  "SHOW ALL TABLES",
  "SHOW TABLES FROM main",
  "DESCRIBE",
  "SUMMARIZE workers",
  "DESCRIBE SELECT zip FROM workers",
  "PIVOT workers ON state IN ('IL', 'TX') USING avg(hourly_rate) GROUP BY role",
  "SELECT * FROM workers PIVOT (count(*) FOR state IN ('IL'))",
  "UNPIVOT workers ON a, b INTO NAME n VALUE v",
  "SELECT * FROM information_schema.tables",
  "SELECT * FROM information_schema.columns",
  "SELECT * FROM range(10) r, unnest([1, 2]) u(x), generate_series(1, 3) g(y)",
  "SELECT unnest([1, 2]), upper('x'), ('x').lower(), list_transform([1], lambda x: x + 1), [x * 2 FOR x IN [1] IF x > 0]",
  "SELECT count(*), sum(x) FILTER (WHERE x > 1), rank() OVER (PARTITION BY a ORDER BY b ROWS 1 PRECEDING) FROM workers",
  "SELECT quantile_cont(x, 0.5), string_agg(DISTINCT a, ',' ORDER BY a) FROM workers GROUP BY ROLLUP (b) HAVING count(*) > 1",
  "SELECT DISTINCT ON (a) * EXCLUDE (b) REPLACE (upper(c) AS c) FROM workers ORDER BY ALL",
  "SELECT COLUMNS('a.*'), #1, a IN (1, 2), a BETWEEN 1 AND 2, a LIKE 'x%', a SIMILAR TO 'x', NOT a, -a, a::INT FROM workers",
  "SELECT CASE WHEN a THEN b ELSE c END, CAST(a AS DECIMAL(10, 2)), TRY_CAST(a AS INT), {'k': 1}, MAP {'a': 1}, a[1], a[1:2], s.f",
  "SELECT date '2024-01-01' + INTERVAL 1 DAY, extract(year FROM now()), current_date, a AT TIME ZONE 'UTC', j->>'$.x' FROM workers",
  "SELECT 'x'::ENUM('x', 'y'), 'a' COLLATE nocase, a IS DISTINCT FROM b, try(1/0), (1, 2), row(1, 2), ifnull(a, b), nullif(a, b)",
  "SELECT * FROM workers TABLESAMPLE 10%",
  "SELECT * FROM workers a ASOF JOIN workers b ON a.t >= b.t POSITIONAL JOIN workers c",
  "SELECT (SELECT max(zip) FROM workers), EXISTS (FROM workers), 1 = ANY (SELECT 1), x FROM workers, LATERAL (SELECT 1 AS x)",
  "SELECT 1 UNION ALL BY NAME SELECT 2 EXCEPT SELECT 3 INTERSECT SELECT 4",
  "SELECT * FROM workers QUALIFY row_number() OVER () = 1 LIMIT 10%",
  "SELECT * FROM json_each('[1]')",
  'SELECT 1e400, -1e400, \'"value":Infinity}\', $$"value":Infinity}$$',
  "SELECT $name",
  "SELECT ?, $2",
  "EXPLAIN SELECT * FROM workers",
  "EXPLAIN ANALYZE SELECT * FROM workers",
  "EXPLAIN (FORMAT json) FROM workers",
  "-- a comment\nSELECT 1; /* and */ -- more",
];

/** Each writes, reaches for a file, a setting or the engine's insides: statement_not_allowed. */
export const refusedStatements = [
  // writes, settings, code
  "INSERT INTO workers VALUES (1)",
  "UPDATE workers SET a = 1",
  "DELETE FROM workers",
  "MERGE INTO workers USING workers w ON true WHEN MATCHED THEN DELETE",
  "CREATE TABLE t AS SELECT 1",
  "CREATE VIEW v AS SELECT 1",
  "CREATE MACRO m() AS 1",
  "CREATE SECRET s (TYPE s3)",
  "DROP VIEW workers",
  "ALTER TABLE workers RENAME TO x",
  "ATTACH '/etc/passwd' AS x",
  "DETACH memory",
  "USE memory",
  "COPY workers TO '/tmp/x.csv'",
  "COPY (SELECT 1) TO '/tmp/x.csv'",
  "EXPORT DATABASE '/tmp/x'",
  "IMPORT DATABASE '/tmp/x'",
  "INSTALL httpfs",
  "LOAD httpfs",
  "SET memory_limit = '1GB'",
  "RESET memory_limit",
  "SET VARIABLE x = 1",
  "PRAGMA database_list",
  "PRAGMA enable_profiling",
  "CALL pragma_version()",
  "CHECKPOINT",
  "VACUUM",
  "ANALYZE",
  "BEGIN",
  "COMMIT",
  "PREPARE p AS SELECT 1",
  "EXECUTE p",
  "DEALLOCATE p",
  "EXPLAIN ANALYZE COPY workers TO '/tmp/x.csv'",
  "EXPLAIN INSERT INTO workers VALUES (1)",
  "EXPLAIN EXPLAIN SELECT 1",
  "EXPLAIN (FORMAT json, ANALYZE) SELECT 1",
  "PIVOT workers ON state USING count(*)",
  // more than one statement
  "SELECT 1; SELECT 2",
  "SELECT 1; COPY workers TO '/tmp/x'",
  // files by path
  "SELECT * FROM '/etc/passwd'",
  "SELECT * FROM 'workers.csv'",
  "FROM 'data/*.parquet'",
  'SELECT * FROM "a/b.parquet"',
  "SELECT * FROM 's3://bucket/key.parquet'",
  "SELECT * FROM 'http://127.0.0.1:1/x.csv'",
  "SELECT * FROM x.csv",
  "DESCRIBE 'a.csv'",
  "SUMMARIZE 'a.csv'",
  "SUMMARIZE SELECT * FROM 'a.csv'",
  "SELECT (SELECT x FROM 'a.csv')",
  "SELECT * FROM workers JOIN 'a.csv' USING (x)",
  "SELECT 1 LIMIT (SELECT x FROM 'a.csv')",
  "SELECT 1 ORDER BY (SELECT x FROM 'a.csv')",
  "VALUES ((SELECT x FROM 'a.csv'))",
  "PIVOT 'a.csv' ON x IN (1) USING count(*)",
  // CTEs that are not in scope where their name is read
  `WITH "/etc/passwd" AS (SELECT * FROM "/etc/passwd") SELECT 1`,
  `WITH RECURSIVE "a.csv" AS (SELECT * FROM "a.csv") SELECT 1`,
  `WITH RECURSIVE "a.csv" AS (SELECT * FROM "a.csv" UNION ALL SELECT 1) SELECT 1`,
  `WITH b AS (SELECT * FROM "a.csv"), "a.csv" AS (SELECT 1) FROM b`,
  `(WITH "a.csv" AS (SELECT 1) FROM "a.csv") UNION ALL SELECT * FROM "a.csv"`,
  `WITH "a.csv" AS (SELECT 1) SELECT 1`,
  // functions
  "SELECT * FROM read_csv('/etc/passwd')",
  "SELECT * FROM READ_TEXT('/etc/passwd')",
  "SELECT * FROM read_blob('/etc/passwd')",
  "SELECT * FROM read_parquet('x')",
  "SELECT * FROM parquet_metadata('x')",
  "SELECT * FROM glob('/*')",
  "SELECT * FROM sniff_csv('x')",
  "SELECT * FROM query('SELECT 1')",
  "SELECT * FROM query_table('workers')",
  "SELECT * FROM json_execute_serialized_sql('{}')",
  "SELECT * FROM duckdb_secrets()",
  "SELECT * FROM duckdb_settings()",
  "SELECT * FROM duckdb_views()",
  "SELECT * FROM pragma_database_list",
  "SELECT * FROM which_secret('s3://x', 's3')",
  "SELECT * FROM enable_logging()",
  "SELECT * FROM checkpoint()",
  "SELECT * FROM system.main.read_text('/etc/passwd')",
  "SELECT * FROM \"read_text\"('/etc/passwd')",
  "SELECT current_setting('s3_secret_access_key')",
  "SELECT list_transform(['x'], lambda x: current_setting(x))",
  "SELECT ('s3_secret_access_key').current_setting()",
  "SELECT getvariable('x')",
  "SELECT nextval('s')",
  "SELECT sleep_ms(1000)",
  "SELECT pg_sleep(1)",
  "SELECT write_log('x')",
  "SELECT json_serialize_plan('SELECT * FROM ''/etc/passwd''')",
  "SELECT pg_get_viewdef(1)",
  "SELECT * FROM range(1) ORDER BY current_setting('x')",
  "SELECT sum(1) OVER (ORDER BY getvariable('x'))",
  "SELECT * FROM unnest([current_setting('x')])",
  "SELECT * FROM unnest((SELECT [x] FROM 'a.csv'))",
  "SELECT CASE WHEN true THEN getvariable('x') END",
  "SELECT * FROM workers LIMIT getvariable('x')",
  "SELECT * FROM workers GROUP BY getvariable('x')",
  "SELECT count(*) FILTER (WHERE getvariable('x')) FROM workers",
  // the engine's own catalog
  "SELECT * FROM information_schema.views",
  "SELECT * FROM sqlite_master",
  "SELECT * FROM duckdb_views",
  "SELECT * FROM pg_catalog.pg_views",
  "SELECT * FROM pg_views",
  "SELECT * FROM system.information_schema.tables",
  "SHOW VARIABLES",
  "SHOW TABLES FROM information_schema",
  "DESCRIBE sqlite_master",
  "SELECT * FROM other.workers",
  "SELECT * FROM workers AT (VERSION => 1)",
];

/** Each reads a CTE where DuckDB does not see it. */
export const unscopedCtes = [
  "WITH x AS (SELECT * FROM x) SELECT 1",
  "WITH RECURSIVE x AS (SELECT * FROM x) SELECT 1",
  "WITH RECURSIVE x AS (SELECT * FROM x UNION ALL SELECT 1) SELECT 1",
  "WITH b AS (FROM x), x AS (SELECT 1) FROM b",
  "(WITH x AS (SELECT 1) FROM x) UNION ALL SELECT * FROM x",
  "SELECT * FROM (WITH x AS (SELECT 1) FROM x), x",
  "SELECT * FROM range(1) x, x",
  "WITH x AS (SELECT 1) FROM main.x",
  // DuckDB folds A to Z alone, JavaScript other letters too: the Kelvin sign to k
  'WITH "\u212A" AS (SELECT 1) FROM k',
  'WITH "wor\u212Aers" AS (SELECT 1) FROM nobody."workers"',
  'WITH "É" AS (SELECT 1) FROM "é"',
  'SELECT * FROM "wor\u212Aers"',
];

/** What is replaced in the statements by where things really are. */
export interface Places {
  /** An object of a dataset, as the engine names it. */
  $OBJECT: string;
  /** One that is no dataset's, under another prefix of the same bucket. */
  $PRIVATE: string;
  /** One in another bucket. */
  $FOREIGN: string;
  /** A web server that must never be asked. */
  $WEB: string;
  /** The S3 server itself. */
  $S3: string;
}

const targets = ["$OBJECT", "$PRIVATE", "$FOREIGN", "$WEB/x.csv", "$WEB/x.parquet", "$S3/lakehouse/private/secret.csv"];
const ways: ((path: string) => string)[] = [
  (path) => `SELECT * FROM '${path}'`,
  (path) => `SELECT * FROM "${path}"`,
  (path) => `DESCRIBE '${path}'`,
  (path) => `SELECT * FROM read_csv('${path}')`,
  (path) => `SELECT * FROM read_text('${path}')`,
  (path) => `SELECT * FROM read_parquet(['${path}'])`,
  (path) => `SELECT * FROM parquet_metadata('${path}')`,
  (path) => `SELECT * FROM glob('${path}*')`,
  (path) => `SELECT * FROM workers WHERE id = (SELECT count(*) FROM '${path}')`,
  (path) => `WITH x AS (SELECT * FROM read_blob('${path}')) FROM x`,
  (path) => `EXPLAIN ANALYZE SELECT * FROM '${path}'`,
  (path) => `COPY (SELECT 1) TO '${path}'`,
  (path) => `ATTACH '${path}' AS x`,
];
/** Each reaches for what must not be read, written or told, and must be refused, whichever wall it meets. */
export const reachingStatements = [
  ...targets.flatMap((target) => ways.map((way) => way(target))),
  "SELECT * FROM duckdb_secrets()",
  "SELECT * FROM which_secret('$FOREIGN', 's3')",
  "SELECT current_setting('s3_access_key_id')",
  "SELECT current_setting('s3_secret_access_key')",
  "SELECT current_setting('s3_endpoint')",
  "SELECT * FROM duckdb_settings()",
  "SELECT * FROM duckdb_external_file_cache()",
  "SELECT view_definition FROM information_schema.views",
  "SELECT sql FROM duckdb_views()",
  "CREATE SECRET mine (TYPE s3, KEY_ID 'x', SECRET 'y', ENDPOINT '$WEB', USE_SSL false)",
  "CREATE SECRET mine (TYPE http, BEARER_TOKEN 'x')",
  "DROP SECRET objects",
  "SET s3_endpoint = '$WEB'",
  "SET http_proxy = '$WEB'",
  "SET allowed_directories = ['/']",
  "SET enable_external_access = true",
  "SET custom_extension_repository = '$WEB'",
  "INSTALL httpfs FROM '$WEB'",
  "LOAD '$WEB/x.duckdb_extension'",
  "INSTALL spatial FROM community",
];

export function placed(statement: string, places: Places): string {
  return Object.entries(places).reduce((text, [place, path]) => text.replaceAll(place, path), statement);
}

/** Places of a statement where an expression can stand; `passed` with a harmless one proves that each is one. */
export const expressionPlaces = fc.constantFrom<(x: string) => string>(
  (x) => `SELECT ${x}`,
  (x) => `SELECT 1 WHERE ${x} IS NULL`,
  (x) => `SELECT count(*) FROM workers GROUP BY ${x}, zip`,
  (x) => `SELECT * FROM workers ORDER BY ${x}`,
  (x) => `SELECT max(zip) FROM workers HAVING max(${x}) IS NULL`,
  (x) => `SELECT row_number() OVER (PARTITION BY ${x}) FROM workers QUALIFY ${x} IS NULL`,
  (x) => `SELECT * FROM workers a JOIN workers b ON ${x} = a.zip`,
  (x) => `VALUES (1, ${x})`,
  (x) => `SELECT * FROM unnest([${x}])`,
  (x) => `SELECT [y FOR y IN [${x}]], {'k': ${x}}, MAP {'k': ${x}}, CAST(${x} AS VARCHAR), ${x}::VARCHAR || 'x'`,
  (x) => `SELECT string_agg(zip, ',' ORDER BY ${x}) FILTER (WHERE ${x} IS NULL) FROM workers`,
  (x) => `SELECT CASE ${x} WHEN ${x} THEN 1 END, coalesce(NULL, ${x}), ${x} IN (1), ${x} BETWEEN 1 AND 2, try(${x})`,
  (x) => `SELECT * REPLACE (${x} AS zip) FROM workers`,
  (x) => `SELECT DISTINCT ON (${x}) * FROM workers LIMIT 1`,
  (x) => `PIVOT workers ON state IN ('IL') USING max(${x})`,
);

export const queryPlaces = fc.constantFrom<(q: string) => string>(
  (q) => q,
  (q) => `EXPLAIN ${q}`,
  (q) => `EXPLAIN ANALYZE ${q}`,
  (q) => `DESCRIBE ${q}`,
  (q) => `SUMMARIZE ${q}`,
  (q) => `SELECT * FROM (${q})`,
  (q) => `SELECT (SELECT 1 FROM (${q}) LIMIT 1)`,
  (q) => `WITH c AS (${q}) FROM c`,
  (q) => `WITH RECURSIVE c AS (SELECT 1 UNION ALL SELECT 2 FROM (${q}) WHERE false) FROM c`,
  (q) => `SELECT 1 UNION ALL (SELECT 2 FROM (${q}))`,
  (q) => `SELECT * FROM workers, LATERAL (${q}) l`,
  (q) => `SELECT EXISTS (FROM (${q}))`,
);

export const hostileExpressions = fc.constantFrom(
  "current_setting('home_directory')",
  "getvariable('x')",
  "nextval('s')",
  "sleep_ms(1)",
  "pg_sleep(1)",
  "json_serialize_plan('select 1')",
  "pg_get_viewdef(1)",
  "current_query()",
  "(SELECT content FROM read_text('/etc/passwd'))",
  "(SELECT file FROM glob('/*') LIMIT 1)",
  "(SELECT secret_string FROM duckdb_secrets())",
  "(SELECT sql FROM duckdb_views() LIMIT 1)",
  "(SELECT x FROM '/etc/passwd')",
  "(SELECT x FROM 's3://b/k.parquet')",
  "(SELECT view_definition FROM information_schema.views LIMIT 1)",
);

const caseOf = (mask: boolean[]) => (text: string) =>
  [...text].map((c, i) => (mask[i % mask.length] ? c.toUpperCase() : c)).join("");
/** Writes a text in any mixture of cases. */
export const spelled = fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }).map(caseOf);
