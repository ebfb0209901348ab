import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { answerJson, startFakeUpstream, temporaryFolder, type UpstreamAnswer } from "@lakehouse/testing";
import { expect, it } from "vitest";
import { startCli } from "./run-cli.ts";

/** Runs the command against a server that answers as no Lakehouse would when all is well. */
async function against(answer: UpstreamAnswer, ...args: string[]) {
  await using server = await startFakeUpstream(answer);
  return await startCli(args, { environment: { LAKEHOUSE_URL: server.url } }).outcome;
}

it("does not take an answer that broke off for the whole, and exits 3", async () => {
  for (const format of ["table", "csv"]) {
    const outcome = await against(
      (_request, response) => void response.write('{"columns":[],"rows":[\n[1],\n[2', () => response.destroy()),
      "sql",
      "FROM t",
      "--format",
      format,
    );
    expect([outcome.code, outcome.stderr]).toEqual([3, expect.stringContaining("it is not complete")]);
  }
});

it("says so where what answers is no Lakehouse, and exits 4", async () => {
  const other =
    (status: number): UpstreamAnswer =>
    (_request, response) =>
      void response.writeHead(status).end("<html>hi");
  for (const [status, code] of [
    [200, 4],
    [404, 1],
    [502, 4],
  ] as const) {
    const outcome = await against(other(status), "datasets");
    expect([outcome.code, outcome.stderr]).toEqual([code, expect.stringContaining("<html>hi")]);
  }
});

it("tells how long a busy service wants to be left alone", async () => {
  const busy: UpstreamAnswer = (_request, response) => {
    const body = { error: "Too many queries.", code: "query_busy", request_id: "r-1" };
    answerJson(response, 503, body, { "retry-after": "7" });
  };
  expect(await against(busy, "sql", "SELECT 1")).toEqual({
    code: 4,
    stdout: "",
    stderr: "lakehouse: Too many queries.\n  code: query_busy\n  request_id: r-1\n  try again after 7 s\n",
  });
});

it("shows a refusal that comes while a file is still being sent", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "large.csv");
  await writeFile(file, Buffer.alloc(64 * 2 ** 20, "x"));
  await using server = createServer((_request, response) => {
    answerJson(response, 413, { error: "Too large.", code: "payload_too_large", request_id: "r-2" });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const outcome = await startCli(["ingest", file, "--url", `http://127.0.0.1:${port}`]).outcome;
  expect([outcome.code, outcome.stderr]).toEqual([
    1,
    expect.stringContaining("lakehouse: Too large.\n  code: payload_too_large"),
  ]);
});

it.each([
  ["statement", ["sql", "-"]],
  ["file", ["ingest", "-", "--name", "x"]],
])("ends on Ctrl-C while its %s is still coming", async (_what, args) => {
  await using server = await startFakeUpstream(() => undefined);
  const environment = { LAKEHOUSE_URL: server.url };
  // More than fits between the two: once all of it is taken, the command is reading.
  const running = startCli(args, { environment, input: "x".repeat(2 ** 20), keepsInputOpen: true });
  await running.inputTaken;
  running.interrupt();
  expect(await running.outcome).toEqual({ code: 130, stdout: "", stderr: "lakehouse: Interrupted.\n" });
});

it("does not wait for more input once an upload is refused", async () => {
  const refuse = createServer((_request, response) => {
    answerJson(response, 401, { error: "No.", code: "unauthorized", request_id: "r-3" });
  });
  await using server = refuse.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const args = ["ingest", "-", "--name", "x", "--url", url];
  const { code, stderr } = await startCli(args, { input: "a,b\n", keepsInputOpen: true }).outcome;
  expect([code, stderr]).toEqual([1, expect.stringContaining("lakehouse: No.\n  code: unauthorized")]);
});

it.each([
  [["nope"], "There is no command nope"],
  [[], "There is no command"],
  [["sql"], "There is no statement"],
  [["sql", "a", "b"], "One argument too many: b"],
  [["sql", "--nope", "SELECT 1"], "Unknown option '--nope'."],
  [["sql", "SELECT 1", "--format", "xml"], "not xml"],
  [["sql", "SELECT 1", "--limit", "0"], "from 1 on; not 0"],
  [["search", "i", "t", "--filter", "{"], "--filter is not JSON"],
  [["ingest", "/nowhere/x.csv"], "/nowhere/x.csv can't be read"],
  [["ingest", "/tmp"], "/tmp is a folder"],
  [["ingest", "-"], "give the dataset one with --name"],
  [["status", "--url", "ftp://x"], "ftp://x is not a URL"],
  [["status", "--url", "http://me:secret@x"], "The URL holds a password"],
  [["status", "--token-file", "/nowhere"], "The token file /nowhere is not there"],
])("%j is wrong usage, said before anything is sent, and exits 2", async (args, sentence) => {
  const outcome = await startCli(args, { environment: { LAKEHOUSE_URL: "http://127.0.0.1:1" } }).outcome;
  expect([outcome.code, outcome.stdout, outcome.stderr]).toEqual([2, "", expect.stringContaining(sentence)]);
  expect(outcome.stderr).not.toContain("secret");
});

it("helps", async () => {
  expect((await startCli(["--help"]).outcome).stdout).toContain("Exit codes:");
  expect((await startCli(["sql", "--help"]).outcome).stdout).toMatch(/^lakehouse sql "SELECT …"/);
  expect((await startCli(["--version"]).outcome).stdout).toMatch(/^lakehouse \d+\.\d+\.\d+\n$/);
});
