import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ServiceName, serviceNames } from "@lakehouse/contracts";
import {
  type ServiceOptions,
  serviceCommand,
  startFakeUpstream,
  startService,
  temporaryFolder,
} from "@lakehouse/testing";
import { describe, expect, it } from "vitest";

/** A service that starts against all expectation is ended, and then has no exit code. */
const END_MS_MAX = 30_000;

/** A service that is expected to end by itself. */
function ended(service: ServiceName, options: ServiceOptions) {
  const command = serviceCommand(service, options);
  return new Promise<{ code: unknown; output: string }>((done) => {
    execFile(command.file, command.args, { ...command.options, timeout: END_MS_MAX }, (error, stdout, stderr) =>
      done({ code: error?.code ?? 0, output: stdout + stderr }),
    );
  });
}

it.each(["storaged", "catalogd", "queryd"] as const)(
  "%s on a taken port says that alone, and touches nothing of who has it",
  async (service) => {
    await using taken = await startFakeUpstream(() => undefined);
    await using folder = await temporaryFolder();
    const exported = join(folder.path, "exports/of-a-running-query");
    await mkdir(join(folder.path, "exports"));
    await writeFile(exported, "");
    const config = { queryd: { temp_dir: folder.path }, storaged: { data_dir: folder.path } };
    const { code, output } = await ended(service, { port: taken.port, config });
    expect([code, output]).toEqual([1, expect.stringMatching(new RegExp(`^.*address is in use.*:${taken.port}\n$`))]);
    expect(existsSync(exported)).toBe(true);
  },
);

describe("a secrets file that others can read", () => {
  it.each(serviceNames)("keeps %s from starting, with one line", async (service) => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "secrets.toml");
    await writeFile(path, '[s3.primary]\naccess_key_id = "id"\nsecret_access_key = "hush"\n', { mode: 0o644 });
    const { code, output } = await ended(service, { config: { secrets: { path }, ...foldersUnder(folder.path) } });
    const line = `${service}: configuration: secrets.path ${path} has mode 0644; expects 0600 or 0640, so that others can't read it\n`;
    expect([code, output]).toEqual([1, line]);
  });

  it("is no obstacle where its mode is 0640, or where it is missing", async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, "secrets.toml");
    await writeFile(path, "", { mode: 0o640 });
    for (const file of [path, join(folder.path, "missing.toml")]) {
      await using service = await startService("embedd", { config: { secrets: { path: file } } });
      expect(service.port).toBeGreaterThan(0);
    }
  });
});

/** So that a service which starts against all expectation writes nothing into the checkout. */
function foldersUnder(path: string) {
  return {
    storaged: { data_dir: path },
    ingestd: { spool_dir: path },
    queryd: { temp_dir: path, cache_dir: path },
    pathwayd: { log_path: join(path, "traces.jsonl") },
  };
}

it("an empty LAKEHOUSE_CONFIG is none", async () => {
  await using service = await startService("embedd", { environment: { LAKEHOUSE_CONFIG: "" } });
  expect(service.log()).not.toContain("configuration file");
});
