import { ask, eventually, startService } from "@lakehouse/testing";
import { expect, test } from "vitest";
import type { EngineName } from "../src/shard/ann-index.ts";
import { itemsOf, type Processes, startProcesses } from "./processes.ts";
import { numbers } from "./random-vectors.ts";

const DIMENSIONS = { small: 3, wide: 200 };
const names = Object.keys(DIMENSIONS) as (keyof typeof DIMENSIONS)[];

const random = numbers(7);
const vectorsOf = (dimension: number, count: number) =>
  Array.from({ length: count }, () => Array.from({ length: dimension }, random));
const queries = { small: vectorsOf(3, 5), wide: vectorsOf(200, 5) };

async function fill({ url }: Processes): Promise<void> {
  for (const name of names) {
    await ask("POST", url, { name, dimension: DIMENSIONS[name] });
    const items = vectorsOf(DIMENSIONS[name], 300).map((vector, i) => ({ id: `${i}`, vector }));
    await ask("POST", `${url}/${name}/add`, { items });
    await ask("POST", `${url}/${name}/delete`, { ids: ["3", "4"] });
  }
}

/** Items, and hits of searches through the graph. */
async function contents({ url }: Processes): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const name of names) {
    found.push(await itemsOf(url, name, DIMENSIONS[name]));
    for (const vector of queries[name]) {
      found.push((await ask("POST", `${url}/${name}/search`, { vector, k: 5, ef: 300 })).body);
    }
  }
  return found;
}

async function rebuilt({ vectord }: Processes): Promise<unknown> {
  return (await ask("GET", `${vectord.url}/ready`)).body.checks.indexes.details?.rebuilt;
}

const isFilePut = ({ method, url }: { method: string; url: string }) => method === "PUT" && url.endsWith(".lhv1");

test("engines change over the same store: graphs of the other one are built anew, which /ready says, and nothing else differs", async () => {
  await using processes = await startProcesses({ fold_idle: "1ms" });
  const { network } = processes;
  const isFolded = async () => (await processes.keys("_vectors/")).length === names.length;
  await fill(processes);
  await eventually("all are folded", isFolded);
  const before = await contents(processes);

  let writer: EngineName = "native";
  for (const engine of ["hnswlib-node", "native", "hnswlib-node"] as const) {
    network.decide = (request) => (isFilePut(request) ? { kind: "refuse" } : { kind: "pass" });
    await processes.restart({ engine });
    const reason = `The graph was written by the engine "${writer}"; this one is "${engine}".`;
    expect(await rebuilt(processes)).toEqual(names.map((name) => ({ name, reason })));
    expect(await contents(processes)).toEqual(before);
    // Until a file is written anew, each start says so again.
    network.decide = () => ({ kind: "pass" });
    await processes.restart();
    await eventually("the files are this engine's", async () => (await rebuilt(processes)) === undefined);
    await processes.restart();
    expect(await rebuilt(processes)).toBeUndefined();
    expect(await contents(processes)).toEqual(before);
    writer = engine;
  }
});

test("an engine that does not exist is refused at the start, with those that do", async () => {
  const starting = startService("vectord", { config: { vectord: { storaged_url: "", engine: "faiss" } } });
  await expect(starting).rejects.toThrow(/vectord\.engine.*"native", "hnswlib-node"/s);
});
