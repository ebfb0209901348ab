import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@lakehouse/testing";
import fc from "fast-check";
import { expect, it } from "vitest";
import { Spool } from "./spool.ts";
import { SpoolWriter } from "./spool-writer.ts";

it("an upload is written and hashed whole, in whatever pieces it comes", async () => {
  await using folder = await temporaryFolder();
  const spool = new Spool(join(folder.path, "spool"));
  const pieces = fc.array(fc.uint8Array({ maxLength: 400_000 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(pieces, async (given) => {
      await using files = await spool.open();
      const readable: number[] = [];
      files.csv.onWritten = (bytes) => readable.push(bytes);
      for (const piece of given) await files.csv.append(piece);
      const { sha256, size } = await files.csv.finish();
      const whole = Buffer.concat(given);
      expect(readFileSync(files.csvPath).equals(whole)).toBe(true);
      expect([sha256, size]).toEqual([createHash("sha256").update(whole).digest("hex"), whole.length]);
      expect(readable).toEqual(readable.toSorted((a, b) => a - b));
    }),
    { numRuns: 25 },
  );
  expect(readdirSync(join(folder.path, "spool"))).toEqual([]);
});

it("a disk that is full is spool_full, and the file can still be closed", async () => {
  const writer = new SpoolWriter(await open("/dev/full", "w"));
  await writer.append(Buffer.from("a,b\n"));
  await expect(writer.finish()).rejects.toMatchObject({ code: "spool_full", status: 507 });
  await writer.close();
  await expect(writer.append(Buffer.from("1,2\n"))).rejects.toThrow("closed");
});

it("a sweep removes what a crash left, and neither what is on its way nor what is not ours", async () => {
  await using folder = await temporaryFolder();
  const crashed = new Spool(folder.path);
  await crashed.open(); // never disposed of
  mkdirSync(join(folder.path, `${randomUUID()}.${randomUUID()}.csv`)); // not a file, for once
  const spool = new Spool(folder.path);
  await using files = await spool.open();
  writeFileSync(join(folder.path, "notes.csv"), "someone else's");
  expect(await spool.sweep()).toBe(2);
  const left = readdirSync(folder.path).map((name) => join(folder.path, name));
  expect(new Set(left)).toEqual(new Set([files.csvPath, join(folder.path, "notes.csv")]));
});
