import { randomUUID } from "node:crypto";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@lakehouse/testing";
import { expect, test } from "vitest";
import { UploadNotes } from "./upload-notes.ts";

test("a note that was cut off at any byte tells no more than the lines that are whole", async () => {
  await using folder = await temporaryFolder();
  const lines = ['"a/\\nü"\n', '"id"\n'];
  const whole = Buffer.from(lines.join(""));
  const keyBytes = Buffer.byteLength(lines[0]!);
  for (let cut = 0; cut <= whole.length; cut++) {
    const notesFolder = join(folder.path, String(cut));
    await mkdir(notesFolder);
    await writeFile(join(notesFolder, randomUUID()), whole.subarray(0, cut));
    const read = (await new UploadNotes(notesFolder).abandoned()).map(({ key, uploadId }) => [key, uploadId]);
    if (cut < keyBytes) expect(read).toEqual([]);
    else expect(read).toEqual([["a/\nü", cut === whole.length ? "id" : undefined]]);
    // One without a key was of an upload that never began.
    expect(await readdir(notesFolder)).toHaveLength(cut < keyBytes ? 0 : 1);
  }
});

test.each([
  ["numbers", "5\n7\n"],
  ["an object", "{}\n"],
  ["a list for an id", '"key"\n[1]\n'],
  ["null", "null\n"],
  ["lists 100,000 deep", `${"[".repeat(100_000)}\n`],
  ["a text without its end", '"a\n'],
  ["NUL", "\0\n"],
])("what is not a note is left alone: %s", async (_what, text) => {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, "folder"));
  await writeFile(join(folder.path, "note"), text);
  expect(await new UploadNotes(folder.path).abandoned()).toEqual([]);
  expect(await readdir(folder.path)).toEqual(["folder", "note"]);
});

test("a note stands until its upload has settled", async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, "note"), '"key"\n"id"\n');
  const [note] = await new UploadNotes(folder.path).abandoned();
  const patient = new UploadNotes(folder.path);
  await patient.ended(note!);
  await patient.ended(note!);
  expect(await readdir(folder.path)).toEqual(["note"]);
  await new UploadNotes(folder.path, 0).ended(note!);
  expect(await readdir(folder.path)).toEqual([]);
});
