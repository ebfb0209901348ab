import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Config, testPlatform } from "@lakehouse/server";
import {
  type HttpAnswer,
  type HttpCallOptions,
  httpCall,
  type S3Credentials,
  serveApp,
  temporaryFolder,
} from "@lakehouse/testing";
import { onTestFinished } from "vitest";
import { buildApp } from "../src/app.ts";
import { openBuckets } from "../src/buckets.ts";

const anyCredentials: S3Credentials = { access_key_id: "id", secret_access_key: "secret" };

/** storaged on a real socket over a folder of its own, both gone when the test ends. */
export async function openStoraged(overrides: Partial<Config["storaged"]> = {}, credentials = anyCredentials) {
  const folder = await temporaryFolder();
  onTestFinished(folder.remove);
  const platform = testPlatform("storaged", { storaged: { data_dir: folder.path, ...overrides } });
  const buckets = await openBuckets(platform.config.storaged, {
    secrets: () => ({ s3: () => credentials }),
    timeoutMs: 5_000,
    registry: platform.registry,
  });
  const app = buildApp(buckets, platform);
  const served = await serveApp(app, () => buckets.close());
  onTestFinished(() => served[Symbol.asyncDispose]());
  const { url } = served;
  return {
    url,
    folder: folder.path,
    call: (method: string, path: string, options?: HttpCallOptions): Promise<HttpAnswer> =>
      httpCall(method, url, path, options),
    put: (key: string, body: HttpCallOptions["body"] = "x") =>
      httpCall("PUT", url, `/storage/put/${key}`, { body: body! }),
    get: (key: string, headers: Record<string, string> = {}) =>
      httpCall("GET", url, `/storage/get/${key}`, { headers }),
    /** Temp files of uploads. */
    uploads: (bucket = "primary") => readdir(join(folder.path, ".uploads", bucket)),
    metric: async (name: string) =>
      String((await httpCall("GET", url, "/metrics")).body)
        .split("\n")
        .find((line) => line.startsWith(name)),
  };
}
