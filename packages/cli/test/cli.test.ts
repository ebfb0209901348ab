import { spawnSync } from "node:child_process";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually, freePort, type Stack, startStack } from "@lakehouse/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { examplesOf, steady, writeFilesOf } from "./documented-examples.ts";
import { runShell, startCli } from "./run-cli.ts";

/** util-linux's `script` runs a command on a terminal of its own. */
const hasTerminals = spawnSync("script", ["--version"]).status === 0;

let stack: Stack;
let environment: Record<string, string>;

beforeAll(async () => {
  stack = await startStack();
  environment = { LAKEHOUSE_URL: stack.url, LAKEHOUSE_TOKEN: stack.token };
  await writeFile(at("people.csv"), "id,name,zip\n1,Ada,00501\n2,Grace,10001\n3,林 太郎,\n");
  await writeFile(at("more.csv"), "id,name,zip\n4,Edsger,75711\n");
  expect((await lakehouse("ingest", at("people.csv"))).stderr).toBe("");
});
afterAll(() => stack[Symbol.asyncDispose]());

const at = (name: string) => join(stack.folder, name);
const lakehouse = (...args: string[]) => startCli(args, { environment }).outcome;
const shell = (line: string) => runShell(line, environment);

describe("lakehouse ingest", () => {
  it("makes a file a dataset of its own name, and says what became of it", async () => {
    const { code, stdout } = await lakehouse("ingest", at("people.csv"));
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/people\.csv → people: 3 rows, 3 columns, \d+ B, [\d.]+ m?s\n$/),
    ]);
  });

  it("makes several files one dataset, and appends where it is told", async () => {
    const together = await lakehouse("ingest", at("people.csv"), at("more.csv"), "--name", "all");
    expect([together.code, together.stdout.split("\n")[1]]).toEqual([0, expect.stringContaining("(4 rows in all)")]);
    await lakehouse("ingest", at("people.csv"), "--name", "grown");
    await lakehouse("ingest", at("more.csv"), "--name", "grown", "--append");
    expect((await lakehouse("sql", "SELECT count(*) FROM grown", "--format", "csv")).stdout).toBe("count_star()\n4\n");
  });

  it("reads standard input, other delimiters and types as asked", async () => {
    const input = "a\tb\n1\t2\n";
    const args = ["ingest", "-", "--name", "tabs", "--delimiter", "tab", "--types", "b:VARCHAR", "--format", "json"];
    const { code, stdout } = await startCli(args, { environment, input }).outcome;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      row_count: 1,
      columns: [{ type: "BIGINT" }, { name: "b", type: "VARCHAR" }],
    });
  });

  it.skipIf(!hasTerminals)("draws a bar on a terminal, and leaves nothing of it", async () => {
    const size = 40 * 2 ** 20;
    await writeFile(at("large.csv"), `line\n${"x".repeat(1023)}\n`.padEnd(size, `${"x".repeat(1023)}\n`));
    const { code, stdout } = await shell(`script -qec "stty cols 100; lakehouse ingest ${at("large.csv")}" /dev/null`);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/large\.csv {2}█*░+ +\d+ % .* MiB of 40\.0 MiB .* MiB\/s .* left/),
    ]);
    expect(stdout).toMatch(/█{20,} {2}100 % {2}40\.0 MiB sent/);
    expect(stdout.split("\r\u001b[K").at(-1)).toMatch(/^\S*large\.csv → large: [\d,]+ rows/);
  });

  it("tells the service's own words, code and request_id, and exits 1", async () => {
    await writeFile(at("ragged.csv"), "a,b\n1\n");
    const { code, stdout, stderr } = await lakehouse("ingest", at("ragged.csv"));
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(
      /lakehouse: Line 2: .*\n {2}code: ragged_row\n {2}request_id: \S+\n {2}details: \{"line":2\}\n$/,
    );
  });
});

describe("lakehouse sql", () => {
  it("prints a table: aligned, NULLs visible, with count and time", async () => {
    const { code, stdout } = await lakehouse("sql", "FROM people");
    const table = [
      " id │ name    │ zip",
      "────┼─────────┼───────",
      "  1 │ Ada     │ 00501",
      "  2 │ Grace   │ 10001",
      "  3 │ 林 太郎 │ NULL",
      "3 rows",
    ].join("\n");
    expect([code, stdout]).toEqual([0, expect.stringMatching(/ \([\d.]+ m?s\)\n$/)]);
    expect(stdout.startsWith(table)).toBe(true);
  });

  it("keeps all digits of a number", async () => {
    const digits = "170141183460469231731687303715884105727";
    expect((await lakehouse("sql", `SELECT ${digits}::HUGEINT`)).stdout).toContain(` ${digits}\n`);
  });

  it("bounds a table, says so, and stops the query that would go on", async () => {
    const { code, stdout, stderr } = await lakehouse("sql", "FROM range(1000000000)", "--limit", "2");
    expect([code, stdout]).toEqual([0, expect.stringMatching(/ 0\n +1\n2 rows, and more \(/)]);
    expect(stderr).toContain("There are more rows");
    await nothingRuns();
  });

  it("takes the statement from standard input, and parameters in order", async () => {
    const input = "SELECT name, ? AS text, ? AS nothing\nFROM people WHERE id = ?";
    const args = ["sql", "-", "--format", "ndjson", "--param", '"7"', "--param", "null", "--param", "2"];
    const { stdout } = await startCli(args, { environment, input }).outcome;
    expect(JSON.parse(stdout)).toEqual({ name: "Grace", text: "7", nothing: null });
  });

  it("gives other formats as the service does", async () => {
    expect((await lakehouse("sql", "FROM more_or_less(1)")).code).toBe(1);
    expect((await lakehouse("sql", "SELECT 1 AS a", "--format", "csv")).stdout).toBe("a\n1\n");
    const { rows } = JSON.parse((await lakehouse("sql", "SELECT 1 AS a", "--format", "json")).stdout);
    expect(rows).toEqual([[1]]);
    expect((await shell("lakehouse sql 'SELECT 1 AS a' --format parquet | head -c 4")).stdout).toBe("PAR1");
  });

  it("ends well where the reader of a pipe has seen enough, and the query with it", async () => {
    const { code, stdout } = await shell("lakehouse sql 'FROM range(1000000000)' --format csv | head -2");
    expect([code, stdout]).toEqual([0, "range\n0\n"]);
    await nothingRuns();
  });

  it("stops the query on Ctrl-C, and exits 130", async () => {
    const running = startCli(["sql", "SELECT count(*) FROM range(1000000000000) a"], { environment });
    await eventually("the query runs", async () => (await queriesRunning()) === 1);
    running.interrupt();
    expect(await running.outcome).toEqual({ code: 130, stdout: "", stderr: "lakehouse: Interrupted.\n" });
    await nothingRuns();
  });
});

describe("lakehouse status, datasets, search, chat", () => {
  it("status shows every service, and exits 4 where one does not answer", async () => {
    const healthy = await lakehouse("status");
    expect([healthy.code, healthy.stdout]).toEqual([0, expect.stringMatching(/ queryd +│ ok +│ +\d+ ms │ http/)]);
    await stack.services.matrixd.stop();
    const { code, stdout } = await lakehouse("status");
    expect([code, stdout]).toEqual([4, expect.stringMatching(/ matrixd +│ unavailable: can't be reached │/)]);
  });

  it("datasets lists all, or the columns of one", async () => {
    expect((await lakehouse("datasets")).stdout).toMatch(/ people +│ +3 │ +3 │ +1 │ +\d+ B │ 20/);
    expect((await lakehouse("datasets", "people")).stdout).toMatch(
      /^ column │ type\n[─┼]+\n id +│ BIGINT\n name +│ VARCHAR\n/,
    );
    const unknown = await lakehouse("datasets", "a/b");
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining("code: dataset_not_found")]);
  });

  it("search finds by meaning, with a filter", async () => {
    const texts = ["a welder who reads blueprints", "a nurse on night shifts", "a welder, MIG and TIG"];
    const { vectors, dimension } = await post("/v1/embed", { texts });
    await post("/v1/vectors/index", { name: "jobs", dimension });
    const items = texts.map((text, index) => ({ id: `j-${index}`, vector: vectors[index], metadata: { text, index } }));
    await post("/v1/vectors/index/jobs/add", { items });
    const { code, stdout } = await lakehouse("search", "jobs", "welder", "-k", "1", "--filter", '{"index":{"lt":2}}');
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/ distance │ id {2}│ metadata\n.*\n {3}0\.\d{4} │ j-0 │ \{"text"/),
    ]);
    const json = await lakehouse("search", "jobs", "night nurse", "--format", "json");
    expect(JSON.parse(json.stdout).map(({ id }: { id: string }) => id)).toHaveLength(3);
    expect((await lakehouse("search", "nowhere", "x")).stderr).toContain("code: index_not_found");
  });

  it("chat prints the answer as it comes", async () => {
    expect(await lakehouse("chat", "good morning")).toEqual({
      code: 0,
      stdout: "You said: good morning\n",
      stderr: "",
    });
    const fromInput = startCli(["chat", "-", "--model", "ollama/llama"], { environment, input: "hello" });
    expect((await fromInput.outcome).stdout).toBe("You said: hello\n");
    expect(JSON.parse(String(stack.ollama.requests.at(-1)!.body))).toMatchObject({ model: "llama" });
  });

  it("chat tells a failure on the way, and Ctrl-C stops the model", async () => {
    const broken = await lakehouse("chat", "fail");
    expect([broken.code, broken.stderr]).toEqual([4, expect.stringContaining("code: upstream_")]);
    const waiting = startCli(["chat", "wait"], { environment });
    const asked = stack.ollama.requests.length;
    await eventually("the model is asked", () => stack.ollama.requests.length > asked);
    waiting.interrupt();
    expect((await waiting.outcome).code).toBe(130);
  });
});

describe("tokens", () => {
  it("come from a file that nobody else can read", async () => {
    await writeFile(at("token"), `${stack.token}\n`, { mode: 0o600 });
    const args = ["sql", "SELECT 1", "--token-file", at("token"), "--url", stack.url];
    expect((await startCli(args).outcome).code).toBe(0);
    await chmod(at("token"), 0o640);
    const { code, stderr } = await startCli(args).outcome;
    expect([code, stderr]).toEqual([2, expect.stringContaining("Others can read the token file")]);
  });

  it("that are missing or wrong are the service's to refuse", async () => {
    for (const token of [{}, { LAKEHOUSE_TOKEN: "wrong" }, { AUTH_TOKEN: "wrong" }]) {
      const { code, stderr } = await startCli(["datasets", "--url", stack.url], { environment: token }).outcome;
      expect([code, stderr]).toEqual([1, expect.stringContaining("code: unauthorized")]);
    }
  });
});

describe("docs/sql.md", () => {
  beforeAll(() => writeFilesOf("docs/sql.md", stack.folder));

  it.each(examplesOf("docs/sql.md"))("$command", async ({ command, output }) => {
    const { stdout, stderr } = await shell(`cd ${stack.folder} && ${command}`);
    expect(steady(stdout + stderr)).toBe(steady(output));
  });
});

it("exits 3 where nobody answers", async () => {
  const { code, stderr } = await lakehouse("status", "--url", `http://127.0.0.1:${await freePort()}`);
  expect([code, stderr]).toEqual([3, expect.stringContaining("The gateway at http://127.0.0.1:")]);
});

async function post(path: string, body: unknown) {
  const headers = { authorization: `Bearer ${stack.token}`, "content-type": "application/json" };
  const response = await fetch(stack.url + path, { method: "POST", headers, body: JSON.stringify(body) });
  expect(response.ok, `${path}: ${response.status}`).toBe(true);
  return response.json() as Promise<{ vectors: number[][]; dimension: number }>;
}

async function queriesRunning(): Promise<number> {
  const headers = { authorization: `Bearer ${stack.token}` };
  const metrics = await (await fetch(`${stack.services.queryd.url}/metrics`, { headers })).text();
  return Number(/^queryd_queries_running\S* (\d+)$/m.exec(metrics)![1]);
}

const nothingRuns = () => eventually("no query runs", async () => (await queriesRunning()) === 0);
