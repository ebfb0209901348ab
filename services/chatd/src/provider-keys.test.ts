import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defaults } from "@lakehouse/server";
import { temporaryFolder } from "@lakehouse/testing";
import { describe, expect, it } from "vitest";
import { findProviderKey } from "./provider-keys.ts";

const VARIABLE = "OPENROUTER_API_KEY";

/** The key of OpenRouter with such a file, if any, and such an environment. */
async function keyWith(text: string | undefined, environment: NodeJS.ProcessEnv = {}, mode = 0o600) {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "openrouter.env");
  if (text !== undefined) writeFileSync(path, text);
  if (text !== undefined) chmodSync(path, mode);
  return findProviderKey("openrouter", { ...defaults.chatd, openrouter_key_file: path }, environment);
}

describe("a provider's key", () => {
  it.each([
    ["plain", `${VARIABLE}=sk-1`],
    ["in double quotes", `${VARIABLE}="sk-1"`],
    ["in single quotes", `${VARIABLE}='sk-1'`],
    ["exported", `export ${VARIABLE}=sk-1`],
    ["with spaces around", `  ${VARIABLE} = sk-1  `],
    ["with a comment behind", `${VARIABLE}=sk-1 # of the team`],
    ["among others, with CRLF", `# keys\r\n\r\nOTHER=x\r\n${VARIABLE}=sk-1\r\n`],
  ])("is read from its file: %s", async (_how, text) => {
    expect(await keyWith(text)).toBe("sk-1");
  });

  it("is the environment's where that has one", async () => {
    expect(await keyWith(`${VARIABLE}=sk-file`, { [VARIABLE]: "sk-env\n" })).toBe("sk-env");
    expect(await keyWith(`${VARIABLE}=sk-file`, { [VARIABLE]: "" })).toBe("sk-file");
  });

  it.each([
    ["no file", undefined],
    ["an empty file", ""],
    ["another name", "KIMI_API_KEY=sk-1"],
    ["an empty value", `${VARIABLE}=`],
    ["a comment", `# ${VARIABLE}=sk-1`],
  ])("is not there with %s", async (_what, text) => {
    expect(await keyWith(text)).toBeUndefined();
  });

  it.each([0o644, 0o604, 0o666, 0o660])("is refused in a file of mode %o", async (mode) => {
    await expect(keyWith(`${VARIABLE}=sk-1`, {}, mode)).rejects.toThrow(/chatd\.openrouter_key_file .* has mode 0\d+/);
  });

  it("may stand in a file that its group can read, and in any where the environment has it", async () => {
    expect(await keyWith(`${VARIABLE}=sk-1`, {}, 0o640)).toBe("sk-1");
    expect(await keyWith(`${VARIABLE}=sk-1`, { [VARIABLE]: "sk-env" }, 0o644)).toBe("sk-env");
  });

  it("is refused, and not shown, where no header could carry it", async () => {
    const error = await keyWith(`${VARIABLE}="sk-1\nsk-2"`).catch((thrown: Error) => thrown.message);
    expect(error).toMatch(new RegExp(VARIABLE));
    expect(error).not.toMatch(/sk-/);
  });
});
