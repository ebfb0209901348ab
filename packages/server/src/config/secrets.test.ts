import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@lakehouse/testing";
import { expect, it } from "vitest";
import { loadSecrets } from "./secrets.ts";

const content = '[s3.primary]\naccess_key_id = "id"\nsecret_access_key = "hush"\n';

async function load(text: string, mode: number, environment: NodeJS.ProcessEnv = {}) {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "secrets.toml");
  writeFileSync(path, text);
  chmodSync(path, mode);
  return loadSecrets(path, environment);
}

it("reads credentials of a bucket, and falls back to the AWS environment for others", async () => {
  const secrets = await load(content, 0o600, { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" });
  expect(secrets.s3("primary")).toEqual({ access_key_id: "id", secret_access_key: "hush" });
  expect(secrets.s3("other")).toEqual({ access_key_id: "a", secret_access_key: "b" });
});

it("is empty where there is no file", () => {
  expect(loadSecrets("/nowhere/secrets.toml", {}).s3("primary")).toBeUndefined();
});

it.each([0o644, 0o660, 0o604, 0o700])("refuses a file of mode %o", async (mode) => {
  await expect(load(content, mode)).rejects.toThrow(/expects 0600 or 0640/);
});

it.each(['[s3.primary]\naccess_key_id = "hush"\n', 'secret_access_key = "hush\n', '[s3]\nprimary = "hush"\n'])(
  "never quotes what it holds: %o",
  async (text) => {
    const message = await load(text, 0o640).then(
      () => "",
      (error: Error) => error.message,
    );
    expect(message).toContain("secrets.path");
    expect(message).not.toContain("hush");
  },
);
