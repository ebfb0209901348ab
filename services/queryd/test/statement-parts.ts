import fc from "fast-check";

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
