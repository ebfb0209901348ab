import { execFileSync } from "node:child_process";
import { appendFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  ask,
  eventually,
  type ServiceProcess,
  startService,
  type TemporaryFolder,
  temporaryFolder,
} from "@lakehouse/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventToJson } from "../src/log/event-json.ts";
import { encodeLine } from "../src/log/log-line.ts";
import { contentOf } from "../src/traces/content.ts";

let folder: TemporaryFolder;
let log: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  log = join(folder.path, "traces.jsonl");
});
afterEach(() => folder.remove());

async function start(path = log): Promise<ServiceProcess> {
  const pathwayd = await startService("pathwayd", { config: { pathwayd: { log_path: path } } });
  await eventually("the log is read", async () => (await ask("GET", `${pathwayd.url}/ready`)).status === 200);
  return pathwayd;
}

const post = ({ url }: ServiceProcess, route: string, body: unknown) => ask("POST", `${url}/pathway/${route}`, body);

async function contents(pathwayd: ServiceProcess): Promise<Map<string, { content: unknown; replay_count: number }>> {
  const { body } = await post(pathwayd, "search", { limit: 1000, include_retired: true });
  return new Map(body.results.map(({ trace }: { trace: { uid: string } }) => [trace.uid, trace]));
}

test("kill -9 under writers: nothing acknowledged is missing, nothing is half there", async () => {
  const acknowledged = new Set<string>();
  const replays = { sent: 0, acknowledged: 0 };
  let next = 0;
  for (let round = 0; round < 3; round++) {
    const pathwayd = await start();
    const over = new AbortController();
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      while (!over.signal.aborted) {
        const uid = `t-${next++}`;
        const body = writer === 0 ? { uid: "hot", content: 0 } : { uid, content: { uid } };
        if (writer === 0) replays.sent += 1;
        const answer = await post(pathwayd, "add_idempotent", body).catch(() => undefined); // it was killed
        if (answer && answer.status < 300) {
          if (writer > 0) acknowledged.add(uid);
          else replays.acknowledged += Number(answer.body.existing);
        }
      }
    });
    const enough = acknowledged.size + 30 + round * 17;
    await eventually("some are written", () => acknowledged.size >= enough);
    await pathwayd.stop("SIGKILL");
    over.abort();
    await Promise.all(writers);
  }
  await using pathwayd = await start();
  const found = await contents(pathwayd);
  for (const uid of acknowledged) expect(found.get(uid)?.content).toEqual({ uid });
  expect(found.get("hot")!.replay_count).toBeGreaterThanOrEqual(replays.acknowledged);
  expect(found.get("hot")!.replay_count).toBeLessThan(replays.sent);
});

test("a second pathwayd on the same log does not start; a kill -9 leaves no lock behind", async () => {
  const first = await start();
  await expect(start()).rejects.toThrow("in use by another pathwayd");
  await post(first, "add", { uid: "a", content: 1 });
  await first.stop("SIGKILL");
  await using again = await start(join(folder.path, ".", "traces.jsonl"));
  expect((await contents(again)).size).toBe(1);
});

test("a port that is taken is said before the log is touched", async () => {
  await using first = await start();
  const other = join(folder.path, "other.jsonl");
  const config = { pathwayd: { log_path: other } };
  await expect(startService("pathwayd", { config, port: first.port })).rejects.toThrow(`127.0.0.1:${first.port}`);
  await expect(readFile(other)).rejects.toThrow("ENOENT");
});

test("stopping answers what is under way, and leaves a log without garbage", async () => {
  const pathwayd = await start();
  const answers = Array.from({ length: 50 }, (_, index) => post(pathwayd, "add", { uid: `${index}`, content: index }));
  await Promise.race(answers);
  expect(await pathwayd.stop("SIGTERM")).toBe(0);
  const settled = await Promise.allSettled(answers);
  const added = settled.filter((one) => one.status === "fulfilled" && one.value.status === 201).length;
  const lines = (await readFile(log, "utf8")).trimEnd().split("\n");
  expect(lines.length).toBeGreaterThanOrEqual(added);
  for (const line of lines) expect(JSON.parse(line).record.op).toBe("add");
});

/** Root may mount a small disk; where nobody may, a limit on the size of files is a full disk too. */
const isRoot = process.getuid?.() === 0;

test.runIf(isRoot)(
  "a full disk refuses what does not fit, changes nothing, and is well again when there is room",
  async () => {
    const disk = join(folder.path, "disk");
    await mkdir(disk);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk]);
    try {
      const ballast = join(disk, "ballast");
      await writeFile(ballast, "x".repeat(20_000));
      await using pathwayd = await start(join(disk, "traces.jsonl"));
      const added = await fill(pathwayd);
      await expectWhole(pathwayd, added);
      await rm(ballast);
      expect((await post(pathwayd, "add", { uid: "after", content: "x".repeat(3_000) })).status).toBe(201);
      await pathwayd.stop("SIGKILL");
      await using again = await start(join(disk, "traces.jsonl"));
      await expectWhole(again, [...added, "after"]);
    } finally {
      execFileSync("umount", ["-l", disk]);
    }
  },
);

test("so does a limit on the size of files", async () => {
  await using pathwayd = await start();
  execFileSync("prlimit", ["--pid", String(pathwayd.pid), "--fsize=30000:"]);
  const added = await fill(pathwayd);
  await expectWhole(pathwayd, added);
  execFileSync("prlimit", ["--pid", String(pathwayd.pid), "--fsize=unlimited:"]);
  expect((await post(pathwayd, "add", { uid: "after", content: "x".repeat(3_000) })).status).toBe(201);
  await pathwayd.stop("SIGKILL");
  await using again = await start();
  await expectWhole(again, [...added, "after"]);
});

/** Adds until there is no room. @returns the uids that were acknowledged */
async function fill(pathwayd: ServiceProcess): Promise<string[]> {
  const added: string[] = [];
  for (let index = 0; index < 40; index++) {
    const answer = await post(pathwayd, "add", { uid: `${index}`, content: "x".repeat(3_000) });
    if (answer.status !== 201) {
      expect(answer).toMatchObject({ status: 507, body: { code: "trace_log_full" } });
      return added;
    }
    added.push(`${index}`);
  }
  throw new Error("There is room without end.");
}

async function expectWhole(pathwayd: ServiceProcess, uids: string[]): Promise<void> {
  expect(new Set((await contents(pathwayd)).keys())).toEqual(new Set(uids));
  expect((await ask("GET", `${pathwayd.url}/ready`)).body.status).toBe("ok");
  expect((await post(pathwayd, "update", { uid: "0", content: "x".repeat(3_000) })).status).toBeOneOf([200, 507]);
  expect((await contents(pathwayd)).get("0")!.content).toBe("x".repeat(3_000));
}

test("what is in the log's way is told, and what is bad in it is set aside", async () => {
  const first = await start();
  for (const uid of ["a", "b", "c"]) await post(first, "add", { uid, content: uid });
  await post(first, "update", { uid: "a", content: "later" });
  await first.stop();
  const lines = (await readFile(log, "utf8")).split("\n");
  // A line of b is damaged, a's add comes twice, and somebody has written into the file.
  const damaged = [
    lines[0],
    lines[1]!.replace("default", "defau1t"),
    lines[0],
    "\u0000\u00ff",
    "{}",
    ...lines.slice(2),
  ];
  await writeFile(log, damaged.join("\n"));
  await appendFile(log, lines[2]!.slice(0, 40));
  for (let time = 0; time < 2; time++) {
    const pathwayd = await start();
    const ready = await ask("GET", `${pathwayd.url}/ready`);
    expect(ready.body).toMatchObject({ status: "degraded", checks: { log: { details: { rejected_lines: 4 } } } });
    expect([...(await contents(pathwayd)).values()].map(({ content }) => content)).toEqual(["later", "c"]);
    expect(pathwayd.log()).toContain("is set aside");
    if (time === 0) expect(pathwayd.log()).toContain("torn last line");
    await pathwayd.stop();
    expect((await readFile(`${log}.rejected`, "utf8")).trimEnd().split("\n")).toHaveLength(4);
  }
});

test("lines that are whole and say what no pathwayd writes are set aside, and stop nothing", async () => {
  const deep = (open: string, close: string, times: number) => open.repeat(times) + close.repeat(times);
  const at = '"at":"2026-01-01T00:00:00.000000Z"';
  const add = (uid: string, content: string) =>
    `{"op":"add",${at},"uid":"${uid}","namespace":"default","tags":[],"content":${content}}`;
  const bad = [
    add("deep", deep("[", "]", 20_000)),
    add("deep-numbers", `${"[".repeat(20_000)}12345678901234567890${"]".repeat(20_000)}`),
    add("deep-objects", `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`),
    add("just-too-deep", deep("[", "]", 129)),
    `{"op":"replay","at":[],"uid":"good"}`,
    `{"op":"replay","at":[[]],"uid":"good"}`,
    `{"op":"replay","at":${deep("[", "]", 20_000)},"uid":"good"}`,
    add("end-of-time", "1").replace("2026", "9999"),
    add("before-time", "1").replace("2026", "0001"),
    add("number", "1").replace('"default"', "5"),
    add("no-tags", "1").replace("[]", "{}"),
    add("cut", '"x').replace("}", ""),
    `{"op":5,${at},"uid":"good"}`,
    `[${at.slice(5)}]`,
    `{"op":"retire",${at},"uid":null}`,
    deep("{", "}", 20_000),
    "null",
  ];
  const notUtf8 = Buffer.from(encodeLine(add("bytes", '"\u00ff"')), "latin1");
  const lines = [add("good", '"\\u0000 \\ud800"'), ...bad, add("later", deep("[", "]", 128))];
  await writeFile(log, Buffer.concat([Buffer.from(lines.map(encodeLine).join("")), notUtf8]));
  await using pathwayd = await start();
  const { body } = await ask("GET", `${pathwayd.url}/ready`);
  expect(body.checks.log).toMatchObject({ details: { rejected_lines: bad.length + 1 } });
  expect([...(await contents(pathwayd)).keys()].sort((a, b) => (a < b ? -1 : 1))).toEqual(["good", "later"]);
  const { status, body: added } = await post(pathwayd, "add", { uid: "new", content: 1 });
  expect([status, added.trace.created_at < "2200"]).toEqual([201, true]);
});

test("a log whose traces revise each other in a circle is read, and a history of it ends", async () => {
  const revise = (uid: string, predecessor: string, at: number) =>
    encodeLine(
      eventToJson({ op: "revise", at, uid, predecessor, namespace: "default", tags: [], content: contentOf(uid) }),
    );
  await writeFile(log, revise("a", "b", 1) + revise("b", "a", 2) + revise("c", "c", 3));
  await using pathwayd = await start();
  const history = async (uid: string) => {
    const { body } = await ask("GET", `${pathwayd.url}/pathway/history/${uid}`);
    return body.traces.map((trace: { uid: string }) => trace.uid);
  };
  expect(await history("a")).toEqual(["a", "b"]);
  expect(await history("b")).toEqual(["b", "a"]);
  expect(await history("c")).toEqual(["c"]);
  expect(new Set((await contents(pathwayd)).keys())).toEqual(new Set(["a", "b", "c"]));
});

test("a log that can't be opened ends the start with a word", async () => {
  await mkdir(log);
  await expect(start()).rejects.toThrow("did not start");
});
