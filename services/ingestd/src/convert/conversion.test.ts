import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { eventually, type TemporaryFolder, temporaryFolder } from "@lakehouse/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Conversion } from "./conversion.ts";
import { ConversionThreads } from "./conversion-threads.ts";

let folder: TemporaryFolder;
const threads = new ConversionThreads();

beforeAll(async () => {
  folder = await temporaryFolder();
});

afterAll(async () => {
  await threads.close();
  await folder.remove();
});

function start(name: string, parquetPath = join(folder.path, `${name}.parquet`)) {
  const csvPath = join(folder.path, `${name}.csv`);
  writeFileSync(csvPath, "");
  const wishes = { overrides: {}, registered: undefined };
  return {
    csvPath,
    parquetPath,
    conversion: new Conversion(threads, { csvPath, parquetPath, delimiter: 0x2c, wishes }),
  };
}

it("follows a file that grows, to the end that it is told", async () => {
  const { csvPath, parquetPath, conversion } = start("grows");
  await using _stopped = conversion;
  let size = 0;
  for (const piece of ["id,na", 'me\n1,Ann\n2,"B', 'o\n"', "\n", "3,Cy"]) {
    appendFileSync(csvPath, piece);
    size += piece.length;
    conversion.progress.advance(size);
  }
  conversion.progress.finish(size);
  expect(await conversion.contents).toMatchObject({
    columns: [
      { name: "id", type: "BIGINT" },
      { name: "name", type: "VARCHAR" },
    ],
    rowCount: 3,
  });
  expect(readFileSync(parquetPath).subarray(-4).toString()).toBe("PAR1");
});

it("is stopped while it waits for bytes that never come", async () => {
  const { csvPath, parquetPath, conversion } = start("waits");
  const rows = "a,b\n".repeat(1_500_000);
  appendFileSync(csvPath, rows);
  conversion.progress.advance(rows.length);
  await eventually("it writes", () => existsSync(parquetPath));
  await conversion[Symbol.asyncDispose]();
  await expect(conversion.contents).rejects.toThrow();
});

it("a refusal comes out with its code, sentence and details", async () => {
  const { csvPath, conversion } = start("refused");
  await using _stopped = conversion;
  appendFileSync(csvPath, "a,b\n1\n");
  conversion.progress.finish(6);
  await expect(conversion.contents).rejects.toMatchObject({
    name: "LakehouseError",
    code: "ragged_row",
    message: "Line 2: the row has 1 field; the header has 2.",
    details: { line: 2 },
  });
});

it("a disk that is full is spool_full", async () => {
  const { csvPath, conversion } = start("full", "/dev/full");
  await using _stopped = conversion;
  appendFileSync(csvPath, "a\n1\n");
  conversion.progress.finish(4);
  await expect(conversion.contents).rejects.toMatchObject({ code: "spool_full" });
});

it("a thread that has answered converts the next file; one that was stopped or failed is not seen again", async () => {
  const first = threads.take();
  threads.giveBack(first);
  const { csvPath, conversion } = start("next");
  appendFileSync(csvPath, "a\n1\n");
  conversion.progress.finish(4);
  await conversion.contents;
  await conversion[Symbol.asyncDispose]();
  expect(threads.take()).toBe(first);
  await first.terminate();
  const another = threads.take();
  expect(another).not.toBe(first);
  await another.terminate();
});
