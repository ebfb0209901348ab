import { join } from "node:path";
import type { S3Client } from "@aws-sdk/client-s3";
import type { ObjectStore } from "@lakehouse/core";
import { type S3BucketConfig, type S3Credentials, type S3Server, temporaryFolder } from "@lakehouse/testing";
import { onTestFinished } from "vitest";
import { createS3Client } from "../src/s3/client.ts";
import { openS3ObjectStore } from "../src/s3/object-store-s3.ts";

const TIMEOUT_MS = 10_000;

/** A client of its own, to look at the bucket past the store. */
export function openClient(config: S3BucketConfig, { credentials }: S3Server): S3Client {
  const client = createS3Client(config, credentials, TIMEOUT_MS);
  onTestFinished(() => client.destroy());
  return client;
}

export interface StoreOptions {
  timeoutMs?: number;
  /** That of another store, to be the next process on its machine. */
  notesFolder?: string;
}

/** Closed when the test ends. */
export async function openStore(
  config: S3BucketConfig,
  credentials: S3Credentials,
  { timeoutMs = TIMEOUT_MS, notesFolder }: StoreOptions = {},
): Promise<ObjectStore> {
  const folder = notesFolder ?? (await temporaryNotes());
  const store = openS3ObjectStore(config, { credentials, timeoutMs, notesFolder: folder });
  onTestFinished(() => store.close());
  return store;
}

export async function temporaryNotes(): Promise<string> {
  const folder = await temporaryFolder();
  onTestFinished(folder.remove);
  return join(folder.path, "notes");
}
