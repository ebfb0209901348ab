import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { endWithUs, eventually, freePort, serviceCommand } from "@lakehouse/testing";
import { expect, test } from "vitest";

test("a service whose log goes to a full disk goes on serving", async () => {
  const port = await freePort();
  const { file, args, options } = serviceCommand("embedd", { port });
  const full = openSync("/dev/full", "w"); // every write to it fails as on a disk without room
  const child = spawn(file, args, { ...options, stdio: ["ignore", full, "ignore"] });
  endWithUs(child);
  closeSync(full);
  const ask = () => fetch(`http://127.0.0.1:${port}/health`);
  await eventually("it is healthy", async () => (await ask()).ok);
  for (let round = 0; round < 20; round++) expect((await ask()).status).toBe(200);
  expect(child.exitCode).toBeNull();
  const exit = once(child, "exit");
  child.kill();
  expect(await exit).toEqual([0, null]);
});
