import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type S3Credentials, type S3Server, temporaryFolder } from "@lakehouse/testing";
import { type Lakehouse, startLakehouse } from "./lakehouse.ts";

/** Where `scripts/test-tools httpfs` puts DuckDB's extension. */
export const extensions = fileURLToPath(new URL("../../../.tools/duckdb-extensions", import.meta.url));
export const hasHttpfs = existsSync(extensions);
if (!hasHttpfs) console.warn("!!! NOT TESTED: httpfs. It is not on this machine; scripts/test-tools httpfs fetches it");

export interface S3Lakehouse extends Lakehouse {
  /** What the engine is told of its bucket. */
  bucket: ReturnType<typeof bucketOf>;
}

/**
 * The data plane on buckets of an S3 server: `primary`, and beside it `others`, which is none of queryd's business.
 * @param credentials for `primary`; the administrator's unless told
 */
export async function startS3Lakehouse(
  server: S3Server,
  queryd: Record<string, unknown> = {},
  credentials: S3Credentials = server.credentials,
): Promise<S3Lakehouse> {
  await using started = new AsyncDisposableStack();
  const folder = started.use(await temporaryFolder());
  const primary = bucketOf(server, "lakehouse");
  const others = { ...bucketOf(server, "lakehouse-of-others"), name: "others" };
  for (const { bucket } of [primary, others]) await server.makeBucket(bucket);
  const secrets = join(folder.path, "secrets.toml");
  await writeSecrets(secrets, { primary: credentials, others: server.credentials });
  const storaged = { buckets: [primary, others] };
  const lakehouse = started.use(await startLakehouse({ secrets, storaged, queryd }));
  const running = started.move();
  return { ...lakehouse, bucket: primary, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

function bucketOf({ endpoint }: S3Server, bucket: string) {
  return { name: "primary", backend: "s3" as const, endpoint, region: "us-east-1", bucket, path_style: true };
}

/** A secrets file as an operator writes it. */
export async function writeSecrets(path: string, credentials: Record<string, S3Credentials>): Promise<void> {
  const tables = Object.entries(credentials).map(
    ([bucket, { access_key_id, secret_access_key }]) =>
      `[s3.${bucket}]\naccess_key_id = "${access_key_id}"\nsecret_access_key = "${secret_access_key}"\n`,
  );
  await writeFile(path, tables.join("\n"), { mode: 0o600 });
}
