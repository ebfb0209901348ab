import type { Worker } from "node:worker_threads";
import { ask, eventually, startService, temporaryFolder } from "@lakehouse/testing";
import { afterEach, expect, test, vi } from "vitest";
import { engineNames } from "../src/shard/engines.ts";
import { openVectord } from "./open-vectord.ts";
import { itemsOf } from "./processes.ts";

const { workers } = vi.hoisted(() => ({ workers: [] as { worker: Worker; entry: string }[] }));

// The threads are the real ones; they are only written down, so that a test can end one.
vi.mock("node:worker_threads", async (original) => {
  const real = await original<typeof import("node:worker_threads")>();
  class Recorded extends real.Worker {
    constructor(...args: ConstructorParameters<typeof real.Worker>) {
      super(...args);
      workers.push({ worker: this, entry: String(args[0]) });
    }
  }
  return { ...real, Worker: Recorded };
});

afterEach(() => {
  workers.length = 0;
});

const items = Array.from({ length: 300 }, (_, i) => ({ id: `${i}`, vector: [i + 1, 1], metadata: { i } }));
/** What it can't take apart is an uncaught error. To terminate a thread that is in the engine would end the process. */
function die(worker: Worker): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  worker.once("exit", () => resolve());
  worker.postMessage(null);
  return promise;
}

const shardWorkers = () => workers.filter(({ entry }) => entry.includes("shard-thread")).map(({ worker }) => worker);

test.each(engineNames)(
  "when a shard's thread with %s dies its indexes are loaded anew; until then requests are told so, and nothing is lost",
  async (engine) => {
    await using folder = await temporaryFolder();
    await using storaged = await startService("storaged", { config: { storaged: { data_dir: folder.path } } });
    await using vectord = await openVectord({ storagedUrl: storaged.url, engine });
    const { url, origin } = vectord;
    const isReady = async () => (await ask("GET", `${origin}/ready`)).status === 200;
    await eventually("it is ready", isReady);
    for (const name of ["a", "b"]) {
      await ask("POST", url, { name, dimension: 2 });
      await ask("POST", `${url}/${name}/add`, { items });
    }
    for (const victim of [0, 1]) {
      const acknowledged = new Set(items.map(({ id }) => id));
      const over = new AbortController();
      const codes = new Set<string>();
      const writer = (async () => {
        for (let turn = 0; !over.signal.aborted; turn++) {
          const id = `${victim}-${turn}`;
          const { status, body } = await ask("POST", `${url}/a/add`, { items: [{ id, vector: [turn + 1, 2] }] });
          if (status === 200) acknowledged.add(id);
          else codes.add(`${status} ${body.code}`);
        }
      })();
      const searcher = (async () => {
        while (!over.signal.aborted) {
          const { status, body } = await ask("POST", `${url}/b/search`, { vector: [1, 1], k: 300 });
          if (status === 200) expect(body.results).toHaveLength(300);
          else codes.add(`${status} ${body.code}`);
        }
      })();
      await eventually("some were written", () => acknowledged.size > 301);
      const before = workers.length;
      await die(shardWorkers().at(victim - 2)!);
      await eventually("another thread is there", () => workers.length > before);
      await eventually("all is loaded anew", isReady);
      over.abort();
      await Promise.all([writer, searcher]);
      expect([...codes].filter((code) => code !== "503 not_loaded")).toEqual([]);
      const found = await itemsOf(url, "a", 2);
      for (const id of acknowledged) expect(found.has(id)).toBe(true);
      expect((await itemsOf(url, "b", 2)).size).toBe(300);
    }
  },
);

test("an index that was in memory only is damaged when its thread dies, and can be made again", async () => {
  await using vectord = await openVectord();
  await ask("POST", vectord.url, { name: "a", dimension: 2 });
  await ask("POST", `${vectord.url}/a/add`, { items });
  await die(shardWorkers()[0]!);
  const search = () => ask("POST", `${vectord.url}/a/search`, { vector: [1, 1] });
  await eventually("it is known", async () => (await search()).status === 503);
  expect((await search()).body.code).toBe("index_damaged");
  expect((await ask("DELETE", `${vectord.url}/a`)).status).toBe(204);
  expect((await ask("POST", vectord.url, { name: "a", dimension: 2 })).status).toBe(201);
  expect((await ask("POST", `${vectord.url}/a/add`, { items })).body.count).toBe(300);
});

test("when the parser's thread dies the next body is parsed by another", async () => {
  await using vectord = await openVectord();
  await ask("POST", vectord.url, { name: "a", dimension: 2 });
  await ask("POST", `${vectord.url}/a/add`, { items });
  await die(workers.find(({ entry }) => entry.includes("parser-thread"))!.worker);
  await eventually(
    "a batch is added",
    async () => (await ask("POST", `${vectord.url}/a/add`, { items })).status === 200,
  );
});
