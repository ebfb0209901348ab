import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { ask, eventually } from "@lakehouse/testing";
import { afterEach, expect, test, vi } from "vitest";
import { openPathwayd } from "./open-pathwayd.ts";

afterEach(() => vi.restoreAllMocks());

const noRoom = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });

test("a log that could not even be cut after a failed write is well again by itself, without another write", async () => {
  await using pathwayd = await openPathwayd();
  expect((await pathwayd.post("add", { uid: "a", content: 1 })).status).toBe(201);
  await using file = await open(pathwayd.logPath);
  const files: FileHandle = Object.getPrototypeOf(file);
  const write = vi.spyOn(files, "write").mockRejectedValue(noRoom);
  const truncate = vi.spyOn(files, "truncate").mockRejectedValue(noRoom);
  expect(await pathwayd.post("add", { uid: "b", content: 1 })).toMatchObject({ body: { code: "trace_log_full" } });
  const status = async () => (await ask("GET", `${pathwayd.origin}/ready`)).body.status;
  expect(await status()).toBe("degraded");
  const tries = truncate.mock.calls.length;
  await eventually("it was tried again", () => truncate.mock.calls.length > tries);
  expect(await status()).toBe("degraded");
  truncate.mockRestore();
  await eventually("it is cut", async () => (await status()) === "ok");
  write.mockRestore();
  expect((await pathwayd.post("add", { uid: "b", content: 2 })).status).toBe(201);
});
