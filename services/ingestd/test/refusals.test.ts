import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { COLUMNS_MAX, ROW_BYTES_MAX } from "../src/csv/limits.ts";
import { ingest, ingestForm, type Processes, startProcesses } from "./processes.ts";

let processes: Processes;

beforeAll(async () => {
  processes = await startProcesses({ max_ingest_bytes: 16 * 2 ** 20 });
});

afterAll(() => processes[Symbol.asyncDispose]());

/** Whatever was refused, nothing of it stays. */
async function expectRefusal(
  answer: { status: number; body: unknown },
  status: number,
  code: string,
  details?: unknown,
) {
  expect(answer).toMatchObject({ status, body: { code, ...(details === undefined ? {} : { details }) } });
  expect(processes.objects()).toEqual([]);
  expect(processes.spooled()).toEqual([]);
}

const wide = (columns: number) => Array.from({ length: columns }, (_, column) => `c${column}`).join(",");

describe("a file that is not CSV", () => {
  it.each<[string, string | Buffer, string, unknown]>([
    ["an empty file", "", "empty_csv", undefined],
    ["a BOM alone", "\uFEFF", "empty_csv", undefined],
    ["blank lines alone", "\n\r\n\n", "empty_csv", undefined],
    ["a field too few", "a,b\n1,2\n\n3\n", "ragged_row", { line: 4 }],
    ["a field too many", 'a,b\n"x\ny",2\n3,4,5\n', "ragged_row", { line: 4 }],
    ["an open quote", 'a,b\n1,2\n3,"x\ny\n', "unterminated_quote", { line: 3 }],
    ["text after a closing quote", 'a,b\n"1"x,2\n', "invalid_quote", { line: 2 }],
    ["a quote inside an unquoted field", 'a,b\n1,5" pipe\n', "invalid_quote", { line: 2 }],
    ["Latin-1", Buffer.from("a,b\n1,2\nGr\xfc\xdfe,3\n", "latin1"), "invalid_encoding", { line: 3 }],
    ["UTF-16", Buffer.from("\uFEFFa,b\n1,2\n", "utf16le"), "invalid_encoding", { line: 1 }],
    ["an empty column name", "a,,c\n1,2,3\n", "invalid_header", { line: 1, position: 2 }],
    ["a column name twice", "a,b,a\n1,2,3\n", "invalid_header", { line: 1, position: 3 }],
    ["a column name twice in another case", "\nId,iD\n1,2\n", "invalid_header", { line: 2, position: 2 }],
    ["lines that end with a bare CR", "a,b\r1,2\r", "invalid_header", { line: 1 }],
    ["too many columns", `${wide(COLUMNS_MAX + 1)}\n`, "field_too_large", { line: 1, limit_columns: COLUMNS_MAX }],
    ["a hundred thousand columns", `${wide(100_000)}\n`, "field_too_large", { line: 1 }],
    [
      "a field too long",
      `a\n1\n${"x".repeat(ROW_BYTES_MAX)}\n`,
      "field_too_large",
      { line: 3, limit_bytes: ROW_BYTES_MAX },
    ],
    ["a quoted field too long", `a\n"${"x".repeat(ROW_BYTES_MAX)}"\n`, "field_too_large", { line: 2 }],
    [
      "an open quote before much text",
      `a\n1\n"${"x\n".repeat(ROW_BYTES_MAX)}`.slice(0, 12e6),
      "unterminated_quote",
      { line: 3 },
    ],
  ])("%s", async (_, csv, code, details) => {
    await expectRefusal(await ingest(processes.ingestd, "name=bad", csv), 400, code, details);
  });

  it("the widest table, and a row as long as may be, are taken", async () => {
    await using taken = await startProcesses();
    const header = wide(COLUMNS_MAX);
    const columns = await ingest(taken.ingestd, "name=wide", `${header}\n${header}\n`);
    expect([columns.status, columns.body.columns.length]).toEqual([200, COLUMNS_MAX]);
    const text = "x".repeat(ROW_BYTES_MAX - 2);
    const long = await ingest(taken.ingestd, "name=long", `a\n${text}\nb\n`);
    expect([long.status, long.body.row_count]).toEqual([200, 2]);
  });
});

it("a ragged row is told with how many fields it has, and how many the header has", async () => {
  const errorOf = async (csv: string) => (await ingest(processes.ingestd, "name=bad", csv)).body.error;
  expect(await errorOf("a,b,c\n1,2,3\n4\n")).toBe("Line 3: the row has 1 field; the header has 3.");
  expect(await errorOf("a,b,c\n1,2\n")).toBe("Line 2: the row has 2 fields; the header has 3.");
  expect(await errorOf("a\n1,2\n")).toBe("Line 2: the row has more fields than the header, which has 1.");
});

describe("a request that is not an upload", () => {
  it.each([
    ["name=-x", "invalid_name"],
    ["name=", "invalid_name"],
    ["name=a/b", "invalid_name"],
    ["", "invalid_request"],
    ["name=a&mode=upsert", "invalid_request"],
    ["name=a&delimiter=x", "invalid_request"],
    ["name=a&colour=red", "invalid_request"],
    ["name=a&types=zip", "invalid_request"],
    ["name=a&types=zip:TEXT", "invalid_request"],
    ["name=a&types=z:BIGINT,z:DOUBLE", "invalid_request"],
    ["name=a&types=nowhere:BIGINT", "invalid_request"],
  ])("?%s", async (query, code) => {
    await expectRefusal(await ingest(processes.ingestd, query, "a\n1\n"), 400, code);
  });

  it("without a file part, or without a body", async () => {
    await expectRefusal(await ingestForm(processes.ingestd, "name=a", "a\n1\n", "upload"), 400, "missing_file");
    const nothing = await fetch(`${processes.ingestd.url}/ingest?name=a`, { method: "POST" });
    await expectRefusal({ status: nothing.status, body: await nothing.json() }, 400, "missing_file");
  });

  it("of another media type", async () => {
    await expectRefusal(
      await ingest(processes.ingestd, "name=a", "{}", "application/json"),
      415,
      "unsupported_media_type",
    );
  });

  it("with a form that breaks off", async () => {
    const form = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\na\n1\n2';
    const type = "multipart/form-data; boundary=x";
    await expectRefusal(await ingest(processes.ingestd, "name=a", form, type), 400, "invalid_request");
    await expectRefusal(await ingest(processes.ingestd, "name=a", form, "multipart/form-data"), 400, "invalid_request");
  });
});

describe("an upload that is too large", () => {
  it("is refused by its Content-Length", async () => {
    const limit_bytes = 16 * 2 ** 20;
    await expectRefusal(
      await ingest(processes.ingestd, "name=a", "x".repeat(limit_bytes + 1)),
      413,
      "payload_too_large",
      {
        limit_bytes,
      },
    );
  });

  it("is refused on the way where it has none, as a body and as a form", async () => {
    const line = `${"x".repeat(1023)}\n`;
    async function* rows(): AsyncGenerator<string> {
      for (let sent = 0; sent < 17 * 1024; sent++) yield line;
    }
    const body = ReadableStream.from(rows()).pipeThrough(new TextEncoderStream());
    await expectRefusal(await ingest(processes.ingestd, "name=a", body), 413, "payload_too_large");
    async function* form(): AsyncGenerator<string> {
      yield '--x\r\ncontent-disposition: form-data; name="file"; filename="a.csv"\r\n\r\n';
      yield* rows();
      yield "\r\n--x--\r\n";
    }
    const formBody = ReadableStream.from(form()).pipeThrough(new TextEncoderStream());
    const answer = await ingest(processes.ingestd, "name=a", formBody, "multipart/form-data; boundary=x");
    await expectRefusal(answer, 413, "payload_too_large");
  });
});

it("a fault in the first lines is told while the client still sends, as a body and as a form", async () => {
  const csv = `a,b\n1\n${"1,2\n".repeat(3_000_000)}`;
  await expectRefusal(await ingest(processes.ingestd, "name=a", csv), 400, "ragged_row", { line: 2 });
  await expectRefusal(await ingestForm(processes.ingestd, "name=a", csv), 400, "ragged_row", { line: 2 });
  const after = await ingest(processes.ingestd, "name=a", "a,b\n1\n");
  await expectRefusal(after, 400, "ragged_row", { line: 2 });
});
