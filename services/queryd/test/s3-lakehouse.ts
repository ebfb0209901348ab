import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type S3BucketConfig,
  type S3Credentials,
  type S3Server,
  s3BucketAt,
  temporaryFolder,
  writeS3Secrets,
} from "@lakehouse/testing";
import { type Lakehouse, startLakehouse } from "./lakehouse.ts";

/** Where `scripts/test-tools httpfs` puts DuckDB's extension. */
export const extensions = fileURLToPath(new URL("../../../.tools/duckdb-extensions", import.meta.url));
export const hasHttpfs = existsSync(extensions);
if (!hasHttpfs) console.warn("!!! NOT TESTED: httpfs. It is not on this machine; scripts/test-tools httpfs fetches it");

export interface S3Lakehouse extends Lakehouse {
  /** What the engine is told of its bucket. */
  bucket: S3BucketConfig;
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
  const primary = s3BucketAt(server.endpoint, "lakehouse");
  const others = s3BucketAt(server.endpoint, "lakehouse-of-others", "others");
  for (const { bucket } of [primary, others]) await server.makeBucket(bucket);
  const secrets = join(folder.path, "secrets.toml");
  await writeS3Secrets(secrets, { primary: credentials, others: server.credentials });
  const storaged = { buckets: [primary, others] };
  const lakehouse = started.use(await startLakehouse({ secrets, storaged, queryd }));
  const running = started.move();
  return { ...lakehouse, bucket: primary, [Symbol.asyncDispose]: () => running.disposeAsync() };
}
