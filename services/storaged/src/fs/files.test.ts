import { join } from "node:path";
import { bytesOf, inChunks, temporaryFolder } from "@lakehouse/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { etagOf, writeWhole } from "./files.ts";

test("versions that are written within one tick of the clock have times, and so ETags, of their own", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2001, 0, 1) });
  onTestFinished(() => void vi.useRealTimers());
  await using folder = await temporaryFolder();
  const versions = [];
  for (const name of ["a", "b", "c"]) versions.push(await writeWhole(join(folder.path, name), inChunks(bytesOf(8))));

  const microseconds = versions.map(({ mtimeNs }) => Math.round(Number(mtimeNs) / 1e3) - Date.UTC(2001, 0, 1) * 1e3);
  expect(microseconds).toEqual([0, 10, 20]);
  const ofOneInode = versions.map((stats) => etagOf(Object.assign(stats, { ino: 1n })));
  expect(new Set(ofOneInode).size).toBe(3);
});
