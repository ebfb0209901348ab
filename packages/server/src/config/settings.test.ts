import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@lakehouse/testing";
import { expect, it } from "vitest";
import { authPolicy } from "../auth/auth-policy.ts";
import { readSettings } from "./settings.ts";

const given = { AUTH_TOKEN: "from-start", LAKEHOUSE_AUTH_SECONDARY_TOKENS: "old", LAKEHOUSE_LOG_LEVEL: "debug" };

async function settings(file: string | undefined, { mode = 0o640, environment = {} } = {}) {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "auth.env");
  if (file !== undefined) writeFileSync(path, file);
  if (file !== undefined) chmodSync(path, mode);
  return readSettings(undefined, { ...given, LAKEHOUSE_AUTH_ENV_FILE: path, ...environment });
}

it("takes what concerns [auth] from the file, and a variable that is no longer in it is gone", async () => {
  const { config, environment } = await settings("# tokens\nAUTH_TOKEN=from-file\nLAKEHOUSE_LOG_LEVEL=error\n");
  expect(authPolicy(config.auth, environment).token).toBe("from-file");
  expect(config.auth.secondary_tokens).toEqual([]);
  expect(config.log.level).toBe("debug");
});

it("reads a token under another name, and lists", async () => {
  const file = "MINE=a\nLAKEHOUSE_AUTH_SECONDARY_TOKENS=b,c\n";
  const { config, environment } = await settings(file, { environment: { LAKEHOUSE_AUTH_TOKEN_ENV: "MINE" } });
  expect(authPolicy(config.auth, environment).credentials).toHaveLength(3);
});

it("stays with the environment where there is no such file", async () => {
  const { config, environment } = await settings(undefined);
  expect(authPolicy(config.auth, environment).token).toBe("from-start");
  expect(config.auth.secondary_tokens).toEqual(["old"]);
});

it("refuses a file that others can read", async () => {
  await expect(settings("AUTH_TOKEN=hush\n", { mode: 0o644 })).rejects.toThrow(
    /auth\.env_file .* expects 0600 or 0640/,
  );
});
