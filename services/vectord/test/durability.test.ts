import {
  ask,
  describeS3Servers,
  eventually,
  makeS3Bucket,
  type ProxiedRequest,
  type S3Server,
  type ServiceOptions,
} from "@lakehouse/testing";
import { describe, expect, test } from "vitest";
import { itemsOf, type Options, type Processes, startProcesses } from "./processes.ts";

type Start = (options: Options) => Promise<Processes>;

describe("vectord over a folder", () => keepsWhatWasAcknowledged(startProcesses, 8));
describe("vectord over a folder, with hnswlib-node", () =>
  keepsWhatWasAcknowledged((options) => startProcesses({ ...options, engine: "hnswlib-node" }), 4));

describeS3Servers((server) =>
  keepsWhatWasAcknowledged(async (options) => startProcesses({ ...options, storage: await bucketOf(server()) }), 2),
);

async function bucketOf(server: S3Server): Promise<ServiceOptions> {
  const { access_key_id, secret_access_key } = server.credentials;
  return {
    config: { storaged: { buckets: [await makeS3Bucket(server)] } },
    environment: { AWS_ACCESS_KEY_ID: access_key_id, AWS_SECRET_ACCESS_KEY: secret_access_key },
  };
}

const items = (from: number, to: number, metadata: Record<string, unknown> = {}) =>
  Array.from({ length: to - from }, (_, i) => ({ id: `${from + i}`, vector: [from + i + 1, 1], metadata }));

async function fill({ url }: Processes, name: string): Promise<void> {
  await ask("POST", url, { name, dimension: 2 });
  await ask("POST", `${url}/${name}/add`, { items: items(0, 50, { batch: 1 }) });
  await ask("POST", `${url}/${name}/add`, { items: items(40, 60, { batch: 2 }) });
  await ask("POST", `${url}/${name}/delete`, { ids: ["0", "45", "59"] });
}

function logOf({ keys }: Processes, name: string): Promise<string[]> {
  return keys(`_vectors/wal/${name}/`);
}

async function isFolded(processes: Processes, name: string): Promise<boolean> {
  const [file] = await processes.keys(`_vectors/${name}.lhv1`);
  return file !== undefined && (await logOf(processes, name)).length === 0;
}

/** @param rounds of writers that are killed */
function keepsWhatWasAcknowledged(start: Start, rounds: number): void {
  test("what was acknowledged survives kill -9 the next moment, from the log and from the file", async () => {
    await using processes = await start({ fold_idle: "300ms" });
    await fill(processes, "workers");
    const info = (await ask("GET", `${processes.url}/workers`)).body;
    const before = await itemsOf(processes.url, "workers", 2);
    expect(before.size).toBe(57);
    await processes.restart();
    expect(await itemsOf(processes.url, "workers", 2)).toEqual(before);
    expect((await ask("GET", `${processes.url}/workers`)).body).toEqual(info);

    await eventually("the log is folded", () => isFolded(processes, "workers"));
    await processes.restart();
    expect(await itemsOf(processes.url, "workers", 2)).toEqual(before);
    expect((await ask("GET", `${processes.url}/workers`)).body).toEqual(info);

    await ask("POST", `${processes.url}/workers/add`, { items: items(100, 101) });
    await processes.restart();
    expect((await itemsOf(processes.url, "workers", 2)).size).toBe(58);
  });

  test("kill -9 at random moments under writers: nothing acknowledged is missing, nothing is half there", async () => {
    await using processes = await start({ fold_bytes: "8 KiB", fold_idle: "50ms" });
    const { url } = processes;
    await ask("POST", url, { name: "workers", dimension: 2 });
    const acknowledged = new Map<string, number>();
    const attempted = new Map<string, number>();
    let turn = 0;

    for (let round = 0; round < rounds; round++) {
      const over = new AbortController();
      const writers = ["a", "b", "c"].map(async (writer) => {
        while (!over.signal.aborted) {
          turn += 1;
          const mine = turn;
          // Each writer replaces the same ten items, so that a batch that is half there shows.
          const batch = Array.from({ length: 10 }, (_, i) => ({
            id: `${writer}-${i}`,
            vector: [mine, 1],
            metadata: { turn: mine },
          }));
          attempted.set(writer, mine);
          const answer = await ask("POST", `${url}/workers/add`, { items: batch }).catch(() => undefined); // it was killed
          if (answer?.status === 200) acknowledged.set(writer, mine);
        }
      });
      const enough = turn + 3 + ((round * 7) % 20);
      await eventually("some batches were written", () => turn >= enough);
      await processes.vectord.stop("SIGKILL");
      over.abort();
      await Promise.all(writers);
      await processes.restart();
      const found = await itemsOf(url, "workers", 2);
      for (const [writer, turn] of acknowledged) {
        const turns = new Set(Array.from({ length: 10 }, (_, i) => found.get(`${writer}-${i}`)?.metadata["turn"]));
        expect(turns.size).toBe(1);
        const [there] = turns;
        expect(there).toBeGreaterThanOrEqual(turn);
        expect(there).toBeLessThanOrEqual(attempted.get(writer)!);
        expect(found.get(`${writer}-0`)!.vector).toEqual([there, 1]);
      }
    }
    expect(acknowledged.size).toBe(3);
  });
}

test("a log is folded at fold_bytes while batches go on", async () => {
  await using processes = await startProcesses({ fold_bytes: "320 KiB" });
  await ask("POST", processes.url, { name: "workers", dimension: 2 });
  for (let from = 0; from < 900; from += 10) {
    const { status } = await ask("POST", `${processes.url}/workers/add`, { items: items(from, from + 10) });
    expect(status).toBe(200);
  }
  await eventually("the log is short", async () => (await logOf(processes, "workers")).length < 45);
  await processes.restart();
  expect((await itemsOf(processes.url, "workers", 2)).size).toBe(900);
});

test("a fold that is interrupted at any step loses nothing and doubles nothing", async () => {
  await using processes = await startProcesses({ fold_idle: "1ms" });
  const { network } = processes;
  const isFilePut = ({ method, url }: ProxiedRequest) => method === "PUT" && url.endsWith(".lhv1");
  // The PUT of the file, the list of the log, and the removal of its four records: an index for each, and each way to fail.
  const cases = [1, 2, 3, 4, 5, 6].flatMap((step) =>
    (["refuse", "lose-answer"] as const).map((kind) => ({
      name: `${kind}-${step}`,
      kind,
      step,
    })),
  );
  network.decide = (request) => (isFilePut(request) ? { kind: "refuse" } : { kind: "pass" });
  for (const { name } of cases) await fill(processes, name);
  const before = await itemsOf(processes.url, cases[0]!.name, 2);

  const calls = new Map<string, number>();
  network.decide = (request) => {
    const one = cases.find(({ name }) => request.url.includes(name));
    if (!one || (!calls.has(one.name) && !isFilePut(request))) return { kind: "pass" };
    const call = (calls.get(one.name) ?? 0) + 1;
    calls.set(one.name, call);
    if (call < one.step) return { kind: "pass" };
    return call === one.step ? { kind: one.kind } : { kind: "refuse" };
  };
  // One that started anew folds at once, where one whose fold has failed waits.
  await processes.restart({ wait: false });
  await eventually("all folds are interrupted", () => cases.every(({ name, step }) => (calls.get(name) ?? 0) >= step));
  network.decide = () => ({ kind: "pass" });
  await processes.restart();
  for (const { name } of cases) expect(await itemsOf(processes.url, name, 2)).toEqual(before);
  for (const { name } of cases) await eventually("it is folded after all", () => isFolded(processes, name));
  await processes.restart();
  for (const { name } of cases) expect(await itemsOf(processes.url, name, 2)).toEqual(before);
});
