import type { DuckDBConnection } from "@duckdb/node-api";
import type { BucketConfig, S3Credentials } from "@lakehouse/server";
import { literal } from "../sql/sql-quoting.ts";

export interface ObjectSecret {
  bucket: Extract<BucketConfig, { backend: "s3" }>;
  credentials: S3Credentials | undefined;
  /** All that the secret is for; it ends in a slash, so that it is no prefix of another bucket's name. */
  scope: string;
}

/**
 * Gives the engine its credentials.
 * @throws Error that says what kind of error it was: the engine's own message quotes the statement, and with it the secret
 */
export async function createObjectSecret(connection: DuckDBConnection, secret: ObjectSecret): Promise<void> {
  try {
    await connection.run(secretSql(secret));
  } catch (error) {
    const [kind = "an error"] = /^[A-Z][A-Za-z ]* Error/.exec((error as Error).message) ?? [];
    throw new Error(`DuckDB does not take the credentials of the bucket ${secret.bucket.bucket}: ${kind}.`);
  }
}

function secretSql({ bucket, credentials, scope }: ObjectSecret): string {
  const { host, protocol } = new URL(bucket.endpoint ?? `https://s3.${bucket.region}.amazonaws.com`);
  const values = {
    KEY_ID: credentials?.access_key_id,
    SECRET: credentials?.secret_access_key,
    SESSION_TOKEN: credentials?.session_token,
    REGION: bucket.region,
    ENDPOINT: host,
    URL_STYLE: bucket.path_style ? "path" : "vhost",
    SCOPE: scope,
  };
  const parts = Object.entries(values).flatMap(([name, value]) => (value ? [`${name} ${literal(value)}`] : []));
  return `CREATE SECRET objects (TYPE s3, ${parts.join(", ")}, USE_SSL ${protocol === "https:"})`;
}
