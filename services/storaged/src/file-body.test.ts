import { createHash } from "node:crypto";
import { open, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { bytesOf, MiB, temporaryFolder } from "@lakehouse/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { FileBody } from "./file-body.ts";

const size = 3 * MiB + 17;
const content = bytesOf(size, 5);

async function openFile(path: string) {
  await writeFile(path, content);
  return open(path);
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

test("piped or iterated, any range is the slice of the file that it names", async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "file");
  await (await openFile(path)).close();
  await fc.assert(
    fc.asyncProperty(fc.nat(size - 1), fc.nat(size), async (start, length) => {
      const end = Math.min(start + length, size) - 1;
      const slice = content.subarray(start, end + 1);
      const iterated = await new FileBody(await open(path), { start, end }).toArray();
      expect(Buffer.concat(iterated).equals(slice)).toBe(true);

      const { stream, digest } = slowHash();
      const body = new FileBody(await open(path), { start, end });
      body.pipe(stream);
      await Promise.all([finished(stream), finished(body)]);
      expect(digest()).toBe(createHash("sha256").update(slice).digest("hex"));
      expect(body.closed).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test.each(["piped", "iterated"])("a file that is cut short while it is %s breaks the stream", async (how) => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, "file");
  const handle = await openFile(path);
  const body = new FileBody(handle, { start: 0, end: size - 1 });
  await truncate(path, 2 * MiB);
  const { stream } = slowHash();
  const ended = how === "piped" ? finished(body.pipe(stream) && body) : body.toArray();
  await expect(ended).rejects.toThrow("shorter");
  expect(stream.writableEnded).toBe(false);
  expect(handle.fd).toBe(-1);
});

test("a destination that breaks off closes the file", async () => {
  await using folder = await temporaryFolder();
  const handle = await openFile(join(folder.path, "file"));
  const body = new FileBody(handle, { start: 0, end: size - 1 });
  const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error("gone")) });
  broken.on("error", () => {}); // seen through the body
  body.pipe(broken);
  await expect(finished(body)).rejects.toThrow("gone");
  expect(handle.fd).toBe(-1);
});
