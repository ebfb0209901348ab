import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import type { S3Credentials } from "./s3-call.ts";
import type { S3Server } from "./s3-server.ts";

/** An entry of `storaged.buckets`. */
export interface S3BucketConfig {
  name: string;
  backend: "s3";
  endpoint: string;
  region: string;
  bucket: string;
  path_style: boolean;
}

export function s3BucketAt(endpoint: string, bucket: string, name = "primary"): S3BucketConfig {
  return { name, backend: "s3", endpoint, region: "us-east-1", bucket, path_style: true };
}

/** A bucket that no other test has. */
export async function makeS3Bucket({ endpoint, makeBucket }: S3Server): Promise<S3BucketConfig> {
  const bucket = randomUUID();
  await makeBucket(bucket);
  return s3BucketAt(endpoint, bucket);
}

/** A secrets file as an operator writes it, by name of the bucket. */
export async function writeS3Secrets(path: string, credentials: Record<string, S3Credentials>): Promise<void> {
  const tables = Object.entries(credentials).map(
    ([bucket, { access_key_id, secret_access_key }]) =>
      `[s3.${bucket}]\naccess_key_id = "${access_key_id}"\nsecret_access_key = "${secret_access_key}"\n`,
  );
  await writeFile(path, tables.join("\n"), { mode: 0o600 });
}
