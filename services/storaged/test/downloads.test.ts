import { existsSync } from "node:fs";
import { readdir, readlink } from "node:fs/promises";
import { bytesOf, eventually, MiB, openRawConnection } from "@lakehouse/testing";
import { expect, test } from "vitest";
import { openStoraged } from "./open-storaged.ts";

/** Files under `folder` that this process, and so the server in it, has open. */
async function openFiles(folder: string): Promise<string[]> {
  const links = (await readdir("/proc/self/fd")).map((fd) =>
    readlink(`/proc/self/fd/${fd}`).catch(() => "closed since"),
  );
  return (await Promise.all(links)).filter((path) => path.startsWith(folder));
}

test.runIf(existsSync("/proc/self/fd"))(
  "a client that goes away in the middle of a GET leaves no file open",
  async () => {
    const { url, put, get, folder } = await openStoraged();
    await put("large", bytesOf(64 * MiB));
    const connection = await openRawConnection(url);
    connection.send("GET /storage/get/large HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await connection.receives(/^HTTP\/1\.1 200 OK/);
    connection.cut();
    await eventually("the file is closed", async () => (await openFiles(folder)).length === 0);
    for (let round = 0; round < 20; round++) {
      await get("large", { "if-none-match": "*" });
      await get("large", { range: "bytes=999999999-" });
      await get("large", { range: "bytes=0-9" });
    }
    await eventually("no file is open", async () => (await openFiles(folder)).length === 0);
  },
);

test("many at once get each their own object", async () => {
  const { put, get } = await openStoraged();
  const objects = Array.from({ length: 12 }, (_, index) => bytesOf(3 * MiB + index, index));
  for (const [index, bytes] of objects.entries()) await put(`object-${index}`, bytes);
  const got = await Promise.all(objects.map((_, index) => get(`object-${index}`)));
  for (const [index, { body }] of got.entries()) expect(body.equals(objects[index]!)).toBe(true);
});
