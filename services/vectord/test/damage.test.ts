import { readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ask, eventually } from "@lakehouse/testing";
import { expect, test } from "vitest";
import { itemsOf, startProcesses } from "./processes.ts";

/** Makes the byte at a place, from the end where that is negative, another one. */
async function flip(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at < 0 ? bytes.length + at : at]! ^= 0x10;
  await writeFile(path, bytes);
}

/** Of an index file: where its vectors begin. */
async function vectorsAt(path: string): Promise<number> {
  return 8 + (await readFile(path)).readUInt32BE(4);
}

const fileDamages: Record<string, (path: string) => Promise<void>> = {
  "file-empty": (path) => truncate(path, 0),
  "file-cut-in-head": (path) => truncate(path, 5),
  "file-cut-in-envelope": (path) => truncate(path, 300),
  "file-cut-in-vectors": async (path) => truncate(path, (await vectorsAt(path)) + 10),
  "file-magic": (path) => flip(path, 0),
  "file-length": (path) => flip(path, 6),
  "file-envelope": (path) => flip(path, 60),
  "file-vectors": async (path) => flip(path, (await vectorsAt(path)) + 3),
};

/** These cost the graph, not the index. */
const graphDamages: Record<string, (path: string) => Promise<void>> = {
  "graph-flipped": (path) => flip(path, -20),
  "graph-cut": async (path) => truncate(path, (await readFile(path)).length - 10),
};

const logDamages: Record<string, (path: string) => Promise<void>> = {
  "log-empty": (path) => truncate(path, 0),
  "log-cut": async (path) => truncate(path, (await readFile(path)).length - 1),
  "log-flipped": (path) => flip(path, -20),
  "log-missing": (path) => rm(path),
};

const items = Array.from({ length: 40 }, (_, i) => ({ id: `${i}`, vector: [i + 1, 1, 2], metadata: { i } }));

test("damage is noticed, named, confined to its index, and can be deleted away", async () => {
  await using processes = await startProcesses({ fold_idle: "1ms" });
  const { url, vectors } = processes;
  const folded = [...Object.keys(fileDamages), ...Object.keys(graphDamages), "healthy", "another", "log-only"];
  for (const name of [...folded, ...Object.keys(logDamages)]) {
    await ask("POST", url, { name, dimension: name === "another" ? 4 : 3 });
    if (name !== "another") await ask("POST", `${url}/${name}/add`, { items });
  }
  const logOf = async (name: string) => readdir(join(vectors, "wal", name)).catch(() => []); // no log, no folder
  for (const name of [...folded, ...Object.keys(logDamages)]) {
    await eventually(
      `${name} is folded`,
      async () => (await readdir(vectors)).includes(`${name}.lhv1`) && (await logOf(name)).length === 0,
    );
  }
  // These go on in the log: three records beyond their files.
  processes.network.decide = ({ method, url }) =>
    method === "PUT" && url.endsWith(".lhv1") ? { kind: "refuse" } : { kind: "pass" };
  for (const name of [...Object.keys(logDamages), "log-only"]) {
    for (const id of ["x", "y", "z"]) await ask("POST", `${url}/${name}/add`, { items: [{ id, vector: [1, 2, 3] }] });
  }
  await processes.vectord.stop("SIGKILL");

  for (const [name, damage] of Object.entries(fileDamages)) await damage(join(vectors, `${name}.lhv1`));
  for (const [name, damage] of Object.entries(graphDamages)) await damage(join(vectors, `${name}.lhv1`));
  await writeFile(join(vectors, "healthy.lhv1.bak"), "not ours");
  for (const [name, damage] of Object.entries(logDamages)) {
    const [, second] = await logOf(name);
    await damage(join(vectors, "wal", name, second!));
  }
  // A file that is whole, and another index's.
  await writeFile(join(vectors, "swapped.lhv1"), await readFile(join(vectors, "another.lhv1")));
  await rm(join(vectors, "log-only.lhv1"));
  const before = await readFile(join(vectors, "file-vectors.lhv1"));
  await processes.restart();

  const damaged = [...Object.keys(fileDamages), ...Object.keys(logDamages), "swapped", "log-only"];
  const readiness = (await ask("GET", `${processes.vectord.url}/ready`)).body;
  expect(readiness.status).toBe("degraded");
  const { details } = readiness.checks.indexes;
  expect(new Set(details.damaged.map(({ name }: { name: string }) => name))).toEqual(new Set(damaged));
  expect(new Map(details.rebuilt.map(({ name, reason }: { name: string; reason: string }) => [name, reason]))).toEqual(
    new Map([
      ["graph-flipped", expect.stringMatching(/checksum/)],
      ["graph-cut", expect.stringMatching(/cut off inside the graph/)],
    ]),
  );
  for (const name of ["healthy", ...Object.keys(graphDamages)]) {
    const found = await itemsOf(url, name, 3);
    expect([...found.values()].sort((a, b) => Number(a.id) - Number(b.id))).toEqual(items);
    expect((await ask("POST", `${url}/${name}/search`, { vector: [7, 1, 2], k: 1 })).body.results[0].id).toBe("6");
  }
  expect((await ask("GET", url)).body.indexes.map(({ name }: { name: string }) => name)).toEqual([
    "another",
    "graph-cut",
    "graph-flipped",
    "healthy",
  ]);
  for (const name of damaged) {
    for (const answer of [
      await ask("GET", `${url}/${name}`),
      await ask("POST", `${url}/${name}/search`, { vector: [1, 2, 3] }),
      await ask("POST", `${url}/${name}/add`, { items }),
      await ask("POST", `${url}/${name}/delete`, { ids: [] }),
      await ask("GET", `${url}/${name}/items/1`),
    ]) {
      expect([name, answer.status, answer.body.code]).toEqual([name, 503, "index_damaged"]);
    }
    const again = await ask("POST", url, { name, dimension: 3 });
    expect([name, again.status, again.body.code]).toEqual([name, 409, "index_exists"]);
  }
  expect(await readFile(join(vectors, "file-vectors.lhv1"))).toEqual(before);

  processes.network.decide = () => ({ kind: "pass" });
  for (const name of damaged) {
    expect([name, (await ask("DELETE", `${url}/${name}`)).status]).toEqual([name, 204]);
    expect([name, (await ask("POST", url, { name, dimension: 3 })).status]).toEqual([name, 201]);
    expect((await ask("POST", `${url}/${name}/add`, { items })).body.count).toBe(40);
  }
  await processes.restart();
  await eventually(
    "the files of bad graphs are mended",
    async () => (await ask("GET", `${processes.vectord.url}/ready`)).body.status === "ok",
  );
  for (const name of damaged) expect((await itemsOf(url, name, 3)).size).toBe(40);
});
