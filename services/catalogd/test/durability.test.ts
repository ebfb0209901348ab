import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ask, eventually, freePort, startService, temporaryFolder } from "@lakehouse/testing";
import { expect, test } from "vitest";
import { startAlone, startProcesses, storedKeys, upload } from "./processes.ts";
import { registerRequest } from "./requests.ts";

test("every acknowledged register survives kill -9 of catalogd, byte for byte", async () => {
  await using processes = await startProcesses();
  const url = `${processes.catalogd.url}/catalog`;
  for (const name of ["a", "b"]) await ask("POST", `${url}/register`, registerRequest(name, [`datasets/${name}/f/1`]));
  const before = await ask("GET", `${url}/list`);
  await processes.catalogd.restart();
  const after = await ask("GET", `${url}/list`);
  expect(after.body).toEqual(before.body);
  expect(after.headers.get("etag")).toBe(before.headers.get("etag"));
});

test("without storaged registers are refused and the old manifests served; with it back all goes on", async () => {
  await using processes = await startProcesses();
  const { url } = processes.catalogd;
  await ask("POST", `${url}/catalog/register`, registerRequest("a", ["datasets/a/f/1"]));
  const before = await ask("GET", `${url}/catalog/manifest/a`);
  await processes.storaged.stop("SIGKILL");

  const failed = await ask("POST", `${url}/catalog/register`, registerRequest("a", ["datasets/a/f/2"]));
  expect(failed).toMatchObject({
    status: 502,
    body: { code: "upstream_unavailable", details: { upstream: "storaged" } },
  });
  expect(await ask("DELETE", `${url}/catalog/manifest/a`)).toMatchObject({ status: 502 });
  expect((await ask("GET", `${url}/catalog/manifest/a`)).body).toEqual(before.body);
  expect(await ask("GET", `${url}/ready`)).toMatchObject({ status: 503, body: { status: "unavailable" } });

  await processes.storaged.restart();
  const register = await ask("POST", `${url}/catalog/register`, registerRequest("a", ["datasets/a/f/2"]));
  expect(register).toMatchObject({ status: 200, body: { existing: true } });
  expect(await ask("GET", `${url}/ready`)).toMatchObject({ status: 200, body: { status: "ok" } });
});

test("storaged killed again and again: what was acknowledged is stored, and memory is what is stored", async () => {
  await using processes = await startProcesses();
  const { url } = processes.catalogd;
  const acknowledged = new Map<string, string[]>();
  const over = new AbortController();
  const clients = ["a", "b", "c"].map(async (name) => {
    for (let turn = 0; !over.signal.aborted; turn++) {
      const key = `datasets/${name}/f/${turn}`;
      const request = registerRequest(name, [key], { mode: "append" });
      const { status } = await ask("POST", `${url}/catalog/register`, request);
      if (status === 200) acknowledged.set(name, [...(acknowledged.get(name) ?? []), key]);
    }
  });
  for (let kill = 1; kill <= 5; kill++) {
    await eventually("each client had a register acknowledged", () =>
      ["a", "b", "c"].every((name) => (acknowledged.get(name)?.length ?? 0) >= 3 * kill),
    );
    await processes.storaged.restart();
  }
  over.abort();
  await Promise.all(clients);
  await eventually("no change is in doubt", async () => (await ask("GET", `${url}/ready`)).body.status === "ok");

  const served = await ask("GET", `${url}/catalog/list`);
  for (const { name, objects } of served.body.manifests) {
    const listed = objects.map(({ key }: { key: string }) => key);
    expect(listed).toEqual(expect.arrayContaining(acknowledged.get(name)!));
    expect(new Set(listed).size).toBe(listed.length);
  }
  await processes.catalogd.restart();
  expect((await ask("GET", `${url}/catalog/list`)).body).toEqual(served.body);
});

test("a register that timed out, whether it is stored later or not, ends with memory and store agreeing", async () => {
  await using processes = await startProcesses({}, "500ms");
  const { storaged, catalogd } = processes;
  const { url } = catalogd;
  await ask("POST", `${url}/catalog/register`, registerRequest("a", ["datasets/a/f/1"]));
  const append = (key: string) =>
    ask("POST", `${url}/catalog/register`, registerRequest("a", [key], { mode: "append" }));

  process.kill(storaged.pid, "SIGSTOP");
  expect(await append("datasets/a/f/2")).toMatchObject({ status: 504, body: { code: "upstream_timeout" } });
  expect(await append("datasets/a/f/3")).toMatchObject({ status: 504 });
  expect((await ask("GET", `${url}/catalog/manifest/a`)).body.row_count).toBe(10);
  expect((await ask("GET", `${url}/ready`)).body.checks.catalog.details.in_doubt).toEqual(["a"]);
  process.kill(storaged.pid, "SIGCONT");

  await eventually("no change is in doubt", async () => (await ask("GET", `${url}/ready`)).body.status === "ok");
  await eventually("an append goes through", async () => (await append("datasets/a/f/4")).status === 200);
  const served = await ask("GET", `${url}/catalog/manifest/a`);
  await using reloaded = await processes.start("catalogd", { server: { request_timeout: "30s" } });
  expect((await ask("GET", `${reloaded.url}/catalog/manifest/a`)).body).toEqual(served.body);
});

test("started before storaged it is unavailable, and loads by itself when storaged is there", async () => {
  await using folder = await temporaryFolder();
  const port = await freePort();
  await using catalogd = await startAlone(`http://127.0.0.1:${port}`);
  expect(await ask("GET", `${catalogd.url}/health`)).toMatchObject({ status: 200 });
  expect(await ask("GET", `${catalogd.url}/ready`)).toMatchObject({ status: 503, body: { status: "unavailable" } });
  for (const [method, path, body] of [
    ["GET", "list", undefined],
    ["GET", "manifest/a", undefined],
    ["DELETE", "manifest/a", undefined],
    ["POST", "register", registerRequest("a")],
    ["POST", "gc", {}],
  ] as const) {
    const answer = await ask(method, `${catalogd.url}/catalog/${path}`, body);
    expect([path, answer.status, answer.body.code]).toEqual([path, 503, "not_loaded"]);
  }
  const config = { storaged: { data_dir: folder.path } };
  await using _storaged = await startService("storaged", { config, port });
  await eventually("it is ready", async () => (await fetch(`${catalogd.url}/ready`)).ok);
  expect((await ask("POST", `${catalogd.url}/catalog/register`, registerRequest("a"))).status).toBe(200);
});

test("a damaged manifest is named at /ready and kept on disk; the rest loads; DELETE frees the name", async () => {
  await using processes = await startProcesses();
  const { url } = processes.catalogd;
  for (const name of ["cut", "flipped", "swapped", "whole"]) {
    await ask("POST", `${url}/catalog/register`, registerRequest(name, [`datasets/${name}/f/1`]));
  }
  const fileOf = await manifestFiles(processes.folder);
  const whole = await readFile(fileOf("whole"));
  await writeFile(fileOf("cut"), (await readFile(fileOf("cut"))).subarray(0, 500));
  await writeFile(fileOf("swapped"), whole);
  await writeFile(fileOf("flipped"), flipNameIn(await readFile(fileOf("flipped")), "flipped"));
  await upload(processes.storaged, "datasets/cut/f/1");
  await processes.catalogd.restart();

  const ready = await ask("GET", `${url}/ready`);
  expect(ready).toMatchObject({ status: 200, body: { status: "degraded" } });
  const damaged = ready.body.checks.catalog.details.damaged.map(({ name }: { name: string }) => name);
  expect(damaged).toEqual(["cut", "flipped", "swapped"]);
  expect((await ask("GET", `${url}/catalog/list`)).body).toMatchObject({ count: 1, manifests: [{ name: "whole" }] });

  for (const name of damaged) {
    const before = await digestOf(fileOf(name));
    const register = await ask("POST", `${url}/catalog/register`, registerRequest(name));
    expect([name, register.status, register.body.code]).toEqual([name, 503, "manifest_damaged"]);
    expect((await ask("GET", `${url}/catalog/manifest/${name}`)).body.code).toBe("manifest_damaged");
    expect(await digestOf(fileOf(name))).toBe(before);
  }
  expect((await ask("POST", `${url}/catalog/gc`, {})).body.removed).toBe(0);
  expect(await storedKeys(processes.storaged, "datasets/cut/")).toEqual(["datasets/cut/f/1"]);

  expect((await ask("DELETE", `${url}/catalog/manifest/cut`)).status).toBe(204);
  expect((await ask("POST", `${url}/catalog/register`, registerRequest("cut"))).body.existing).toBe(false);
});

test("clients that upload and register while collections run never lose an object of theirs", async () => {
  await using processes = await startProcesses();
  const { url } = processes.catalogd;
  const over = new AbortController();
  const collections = (async () => {
    let removed = 0;
    while (!over.signal.aborted) removed += (await ask("POST", `${url}/catalog/gc`, {})).body.removed;
    return removed;
  })();
  const outcomes: number[] = [];
  const client = async (name: string) => {
    for (let turn = 0; turn < 25; turn++) {
      const key = `datasets/${name}/f/${turn % 3}`;
      await upload(processes.storaged, key);
      const { status, body } = await ask("POST", `${url}/catalog/register`, registerRequest(name, [key]));
      if (status !== 200) expect(body.code).toBe("object_missing");
      else expect(await storedKeys(processes.storaged, key)).toEqual([key]);
      outcomes.push(status);
    }
  };
  await Promise.all(["a", "b"].map(client));
  over.abort();
  expect(await collections).toBeGreaterThan(0);
  expect(outcomes).toContain(200);
  const { manifests } = (await ask("GET", `${url}/catalog/list`)).body;
  for (const { objects } of manifests)
    for (const { key } of objects) expect(await storedKeys(processes.storaged, key)).toEqual([key]);
});

async function manifestFiles(folder: string): Promise<(name: string) => string> {
  const files = await readdir(folder, { recursive: true });
  return (name) => join(folder, files.find((file) => file.endsWith(`_catalog/manifests/${name}.parquet`))!);
}

/** Damage that leaves a well-formed Parquet file: a letter of the data changed, as a failing disk would. */
function flipNameIn(bytes: Buffer, name: string): Buffer {
  const copy = Buffer.from(bytes);
  for (let at = copy.indexOf(name); at >= 0; at = copy.indexOf(name, at + 1)) copy[at]! ^= 1;
  return copy;
}

async function digestOf(path: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(path))
    .digest("hex");
}
