import { createHash } from "node:crypto";
import { closeSync, openSync, readlinkSync, realpathSync } from "node:fs";
import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { bytesOf, MiB, temporaryFolder } from "@lakehouse/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FileBody, readRange } from "./file-body.ts";

const size = 3 * MiB + 17;
const content = bytesOf(size, 5);

async function openFile(path: string): Promise<number> {
  await writeFile(path, content);
  const fd = openSync(path, "r");
  expect(isOpen(fd, path)).toBe(true);
  return fd;
}

/** Its number may be another file's by then. */
function isOpen(fd: number, path: string): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`) === realpathSync(path);
  } catch {
    return false; // no file has the number
  }
}

/** Looks at each chunk only when it lets go of it: a chunk that was filled again too soon would show. */
function slowHash() {
  const hash = createHash("sha256");
  const stream = new Writable({
    highWaterMark: 1,
    async write(chunk, _encoding, done) {
      for (let turn = 0; turn < 5; turn++) await nextTurn();
      hash.update(chunk);
      done();
    },
  });
  return { stream, digest: () => hash.digest("hex") };
}

test("piped, iterated or read at once, any range is the slice of the file that it names", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "file");
  const fd = await openFile(path);
  await fc.assert(
    fc.asyncProperty(fc.nat(size - 1), fc.nat(size), async (start, length) => {
      const end = Math.min(start + length, size) - 1;
      const slice = content.subarray(start, end + 1);
      const iterated = await new FileBody(openSync(path, "r"), { start, end }).toArray();
      expect(Buffer.concat(iterated).equals(slice)).toBe(true);
      expect(readRange(fd, { start, end }).equals(slice)).toBe(true);

      const { stream, digest } = slowHash();
      const body = new FileBody(openSync(path, "r"), { start, end });
      body.pipe(stream);
      await Promise.all([finished(stream), finished(body)]);
      expect(digest()).toBe(createHash("sha256").update(slice).digest("hex"));
      expect(body.closed).toBe(true);
    }),
    { numRuns: 30 },
  );
  closeSync(fd);
});

test("bodies that are sent at once keep their bytes apart, also where some break off", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "file");
  await writeFile(path, content);
  const lanes = Array.from({ length: 6 }, async (_, lane) => {
    for (let round = 0; round < 20; round++) {
      const start = 1_000 * (20 * lane + round);
      const body = new FileBody(openSync(path, "r"), { start, end: size - 1 });
      const { stream, digest } = slowHash();
      body.pipe(stream);
      if ((lane + round) % 3 === 0) {
        stream.on("error", () => {}).destroy(new Error("gone"));
        await expect(finished(body)).rejects.toThrow();
      } else {
        await Promise.all([finished(stream), finished(body)]);
        expect(digest()).toBe(createHash("sha256").update(content.subarray(start)).digest("hex"));
      }
    }
  });
  await Promise.all(lanes);
});

test("a small range of a file that is cut short is refused, never filled up", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "file");
  const fd = await openFile(path);
  await truncate(path, 100);
  expect(readRange(fd, { start: 50, end: 99 })).toHaveLength(50);
  expect(() => readRange(fd, { start: 50, end: 100 })).toThrow("shorter");
  closeSync(fd);
});

test.each(["piped", "iterated"])("a file that is cut short while it is %s breaks the stream", async (how) => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "file");
  const fd = await openFile(path);
  const body = new FileBody(fd, { start: 0, end: size - 1 });
  await truncate(path, 2 * MiB);
  const { stream } = slowHash();
  const ended = how === "piped" ? finished(body.pipe(stream) && body) : body.toArray();
  await expect(ended).rejects.toThrow("shorter");
  expect(stream.writableEnded).toBe(false);
  expect(isOpen(fd, path)).toBe(false);
});

test("a destination that breaks off closes the file", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "file");
  const fd = await openFile(path);
  const body = new FileBody(fd, { start: 0, end: size - 1 });
  const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error("gone")) });
  broken.on("error", () => {}); // seen through the body
  body.pipe(broken);
  await expect(finished(body)).rejects.toThrow("gone");
  expect(isOpen(fd, path)).toBe(false);
});
