import { ask, eventually, openRawConnection, type RawConnection, type ServiceProcess } from "@lakehouse/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ingest, manifest, type Processes, startProcesses } from "./processes.ts";

let processes: Processes;

beforeEach(async () => {
  processes = await startProcesses({ ingest_slots: 1 });
});

afterEach(() => processes[Symbol.asyncDispose]());

/** An upload that says it has more to come, far enough on its way that its rows are being converted. */
async function startUpload(service: ServiceProcess, name: string, rows = 400_000): Promise<RawConnection> {
  const connection = await openRawConnection(service.url);
  connection.send(
    `POST /ingest?name=${name} HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/csv\r\ncontent-length: 100000000\r\n\r\n`,
  );
  connection.send(`id,text\n${"1234567,some text\n".repeat(rows)}`);
  await eventually("the upload and its Parquet file are in the spool", () => processes.spooled().length === 2);
  return connection;
}

const spoolIsEmpty = () => eventually("the spool is empty", () => processes.spooled().length === 0);

async function expectUntouched(name: string, before: unknown): Promise<void> {
  expect((await manifest(processes.catalogd, name)).body).toEqual(before);
  expect(processes.objects().length).toBe(1);
  await spoolIsEmpty();
}

it("a slot is held by an upload, and given back by a client that vanishes", async () => {
  const { body } = await ingest(processes.ingestd, "name=kept", "id,text\n1,a\n");
  await using upload = await startUpload(processes.ingestd, "kept");
  const busy = await ingest(processes.ingestd, "name=kept", "id,text\n1,a\n");
  expect([busy.status, busy.body.code, busy.headers.get("retry-after")]).toEqual([503, "ingest_busy", "5"]);

  upload.cut();
  await expectUntouched("kept", body.manifest);
  const free = await eventually("the slot is free", async () => {
    const answer = await ingest(processes.ingestd, "name=kept", "id,text\n1,a\n");
    return answer.status === 200 && answer;
  });
  expect(free.body.row_count).toBe(1);
});

it("kill -9 in the middle leaves the dataset as it was, and the next start sweeps the spool", async () => {
  const { body } = await ingest(processes.ingestd, "name=kept", "id,text\n1,a\n");
  await using _upload = await startUpload(processes.ingestd, "kept");
  await processes.ingestd.stop("SIGKILL");
  expect(processes.spooled().length).toBe(2);
  await processes.ingestd.restart();
  await expectUntouched("kept", body.manifest);
  expect((await ingest(processes.ingestd, "name=kept", "id,text\n2,b\n")).status).toBe(200);
});

it("without storaged an ingest fails, stores nothing, and works again when it is back", async () => {
  const { body } = await ingest(processes.ingestd, "name=kept", "id,text\n1,a\n");
  await processes.storaged.stop("SIGKILL");
  const failed = await ingest(processes.ingestd, "name=kept", "id,text\n2,b\n");
  expect([failed.status, failed.body.code]).toEqual([502, "upstream_unavailable"]);
  expect((await ask("GET", `${processes.ingestd.url}/ready`)).status).toBe(503);
  await processes.storaged.restart();
  await expectUntouched("kept", body.manifest);
  expect((await ingest(processes.ingestd, "name=kept", "id,text\n2,b\n")).status).toBe(200);
  await eventually("it is ready", async () => (await ask("GET", `${processes.ingestd.url}/ready`)).status === 200);
});

it("without catalogd an ingest is refused before its body is read", async () => {
  await processes.catalogd.stop("SIGKILL");
  await using connection = await openRawConnection(processes.ingestd.url);
  connection.send(
    "POST /ingest?name=a HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/csv\r\ncontent-length: 9\r\n\r\n",
  );
  expect(await connection.receives(/HTTP\/1.1 (\d+)/)).toMatchObject({ 1: "502" });
  await spoolIsEmpty();
});

it("a client that asks before it sends is not told to go on where the upload would be refused", async () => {
  const head = (query: string, length: number) =>
    `POST /ingest?${query} HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/csv\r\nexpect: 100-continue\r\ncontent-length: ${length}\r\n\r\n`;
  await using refused = await openRawConnection(processes.ingestd.url);
  refused.send(head("name=a", 2 ** 40));
  await refused.receives(/payload_too_large/);
  expect(refused.received()).not.toContain("100 Continue");

  await using taken = await openRawConnection(processes.ingestd.url);
  taken.send(head("name=a", 4));
  await taken.receives(/100 Continue/);
  taken.send("a\n1\n");
  await taken.receives(/HTTP\/1.1 200/);
});

it("counts ingests by outcome, rows and bytes", async () => {
  await ingest(processes.ingestd, "name=a", "a\n1\n2\n");
  await ingest(processes.ingestd, "name=a", "a\n1,2\n");
  const text = await (await fetch(`${processes.ingestd.url}/metrics`)).text();
  expect(text).toMatch(/ingestd_ingests_total\{[^}]*outcome="ok"[^}]*\} 1/);
  expect(text).toMatch(/ingestd_ingests_total\{[^}]*outcome="ragged_row"[^}]*\} 1/);
  expect(text).toMatch(/ingestd_rows_total(\{[^}]*\})? 2/);
  expect(text).toMatch(/ingestd_received_bytes_total(\{[^}]*\})? 12/);
});
