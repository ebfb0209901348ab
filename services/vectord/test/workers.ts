import { ask } from "@lakehouse/testing";
import { afterAll, beforeAll, beforeEach, describe } from "vitest";
import type { EngineName } from "../src/shard/ann-index.ts";
import { engineNames } from "../src/shard/engines.ts";
import { openVectord, type Vectord } from "./open-vectord.ts";

/** The service that the tests of the moment ask. */
export const served = { url: "", origin: "" };

/** Runs the tests on each engine, with a vectord of their own whose indexes are gone before each test. */
export function describeEngines(tests: (engine: EngineName) => void): void {
  describe.each(engineNames)("with the engine %s", (engine) => {
    let vectord: Vectord;

    beforeAll(async () => {
      vectord = await openVectord({ engine });
      Object.assign(served, { url: vectord.url, origin: vectord.origin });
    });
    afterAll(() => vectord[Symbol.asyncDispose]());
    beforeEach(async () => {
      for (const { name } of (await ask("GET", served.url)).body.indexes) await ask("DELETE", `${served.url}/${name}`);
    });

    tests(engine);
  });
}

export const workers = [
  { id: "w-1", vector: [1, 0, 0], metadata: { state: "IL", role: "Welder", years: 3 } },
  { id: "w-2", vector: [0, 1, 0], metadata: { state: "IL", role: "CNC", years: 9 } },
  { id: "w-3", vector: [0.6, 0.8, 0], metadata: { state: "WI", role: "Welder", years: 5 } },
  { id: "w-4", vector: [0, 0, 1] },
];
export const add = (name: string, items: unknown) => ask("POST", `${served.url}/${name}/add`, { items });
export const search = (name: string, body: unknown) => ask("POST", `${served.url}/${name}/search`, body);
export const ids = async (name: string, body: unknown) =>
  (await search(name, body)).body.results.map(({ id }: { id: string }) => id);

export async function makeWorkers(distance = "cosine"): Promise<void> {
  await ask("POST", served.url, { name: "workers", dimension: 3, distance });
  await add("workers", workers);
}
