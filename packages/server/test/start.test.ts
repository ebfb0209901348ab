import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServiceName } from "@lakehouse/contracts";
import {
  type ServiceOptions,
  serviceCommand,
  startFakeUpstream,
  startService,
  temporaryFolder,
} from "@lakehouse/testing";
import { expect, it } from "vitest";

/** A service that is expected to end by itself. */
function ended(service: ServiceName, options: ServiceOptions) {
  const command = serviceCommand(service, options);
  return new Promise<{ code: unknown; output: string }>((done) => {
    execFile(command.file, command.args, command.options, (error, stdout, stderr) =>
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

it("an empty LAKEHOUSE_CONFIG is none", async () => {
  await using service = await startService("embedd", { environment: { LAKEHOUSE_CONFIG: "" } });
  expect(service.log()).not.toContain("configuration file");
});
