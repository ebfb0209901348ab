/** Replaced in the statements by where things really are. */
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
