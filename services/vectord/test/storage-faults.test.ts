import { setTimeout as delay } from "node:timers/promises";
import { ask, eventually, type ProxiedRequest, type ProxyFault, untilReady } from "@lakehouse/testing";
import { expect, test } from "vitest";
import { itemsOf, startProcesses } from "./processes.ts";

const item = (id: string) => ({ id, vector: [1, 2], metadata: { id } });
const isRecordPut = ({ method, url }: ProxiedRequest) => method === "PUT" && url.includes("/wal/");

test("with storaged down writes are refused and not applied, searches served; with it back all goes on", async () => {
  await using processes = await startProcesses();
  const { url } = processes;
  await ask("POST", url, { name: "workers", dimension: 2 });
  await ask("POST", `${url}/workers/add`, { items: [item("a")] });
  await processes.stopStoraged();

  for (const refused of [
    await ask("POST", `${url}/workers/add`, { items: [item("b")] }),
    await ask("POST", `${url}/workers/delete`, { ids: ["a"] }),
    await ask("POST", url, { name: "other", dimension: 2 }),
    await ask("DELETE", `${url}/workers`),
  ]) {
    expect(refused).toMatchObject({ status: 503, body: { code: "storage_unavailable" } });
  }
  expect([...(await itemsOf(url, "workers", 2)).keys()]).toEqual(["a"]);
  expect((await ask("GET", `${url}/other`)).status).toBe(404);
  expect(await ask("GET", `${processes.vectord.url}/ready`)).toMatchObject({
    status: 200,
    body: { status: "degraded", checks: { storaged: { status: "degraded" } } },
  });

  await processes.startStoraged();
  expect(await ask("POST", `${url}/workers/add`, { items: [item("c")] })).toMatchObject({
    status: 200,
    body: { count: 2 },
  });
  expect((await ask("POST", url, { name: "other", dimension: 2 })).status).toBe(201);
  await processes.restart();
  expect(new Set((await itemsOf(url, "workers", 2)).keys())).toEqual(new Set(["a", "c"]));
});

test("a start without storaged is not ready, and serves without a restart once it is back", async () => {
  await using processes = await startProcesses();
  const { url } = processes;
  await ask("POST", url, { name: "workers", dimension: 2 });
  await ask("POST", `${url}/workers/add`, { items: [item("a")] });
  await processes.stopStoraged();
  await processes.restart({ wait: false });
  expect(await ask("GET", `${processes.vectord.url}/ready`)).toMatchObject({
    status: 503,
    body: { status: "unavailable" },
  });
  for (const answer of [
    await ask("GET", url),
    await ask("GET", `${url}/workers`),
    await ask("POST", url, { name: "other", dimension: 2 }),
    await ask("POST", `${url}/workers/search`, { vector: [1, 2] }),
    await ask("POST", `${url}/workers/add`, { items: [item("b")] }),
  ]) {
    expect(answer).toMatchObject({ status: 503, body: { code: "not_loaded" } });
  }
  expect((await ask("GET", `${processes.vectord.url}/health`)).status).toBe(200);
  await processes.startStoraged();
  await untilReady(processes.vectord.url);
  expect([...(await itemsOf(url, "workers", 2)).keys()]).toEqual(["a"]);
});

test("a batch whose write got lost on the way back never happened, once another one did", async () => {
  await using processes = await startProcesses();
  const { url, network } = processes;
  await ask("POST", url, { name: "workers", dimension: 2 });
  await ask("POST", `${url}/workers/add`, { items: [item("before")] });
  network.decide = (request) => (isRecordPut(request) ? { kind: "lose-answer" } : { kind: "pass" });
  for (const id of ["lost-1", "lost-2"]) {
    const refused = await ask("POST", `${url}/workers/add`, { items: [item(id)] });
    expect(refused).toMatchObject({ status: 503, body: { code: "storage_unavailable" } });
  }
  network.decide = () => ({ kind: "pass" });
  const wanted = new Set(["after", "before"]);
  expect((await ask("POST", `${url}/workers/add`, { items: [item("after")] })).body.count).toBe(2);
  expect(new Set((await itemsOf(url, "workers", 2)).keys())).toEqual(wanted);
  await processes.restart();
  expect(new Set((await itemsOf(url, "workers", 2)).keys())).toEqual(wanted);
});

test("a write that storaged takes too long over is refused, and what comes of it later never happened", async () => {
  await using processes = await startProcesses({ request_timeout: "300ms" });
  const { url, network } = processes;
  await ask("POST", url, { name: "workers", dimension: 2 });
  let arrived = 0;
  network.decide = async (request): Promise<ProxyFault> => {
    if (!isRecordPut(request)) return { kind: "pass" };
    await delay(900); // the slowness that is tested
    arrived += 1;
    return { kind: "pass" };
  };
  const refused = await ask("POST", `${url}/workers/add`, { items: [item("slow")] });
  expect(refused).toMatchObject({ status: 503, body: { code: "storage_unavailable" } });
  network.decide = () => ({ kind: "pass" });
  expect((await ask("POST", `${url}/workers/add`, { items: [item("quick")] })).body.count).toBe(1);
  await eventually("the slow write has landed", () => arrived > 0);
  await processes.restart();
  expect([...(await itemsOf(url, "workers", 2)).keys()]).toEqual(["quick"]);
});

test("a store that is full or busy says so", async () => {
  await using processes = await startProcesses();
  const { url, network } = processes;
  await ask("POST", url, { name: "workers", dimension: 2 });
  network.decide = (request) =>
    isRecordPut(request) ? { kind: "error", status: 507, code: "storage_full" } : { kind: "pass" };
  const full = await ask("POST", `${url}/workers/add`, { items: [item("a")] });
  expect(full).toMatchObject({ status: 507, body: { code: "storage_full" } });
  let busy = 2;
  network.decide = () => (busy-- > 0 ? { kind: "error", status: 503, code: "storage_busy" } : { kind: "pass" });
  expect((await ask("POST", `${url}/workers/add`, { items: [item("b")] })).body).toMatchObject({ added: 1, count: 1 });
});

test("an index that was deleted stays deleted, wherever the deleting was interrupted", async () => {
  await using processes = await startProcesses({ fold_idle: "1ms" });
  const { url, network } = processes;
  const cases = [1, 2, 3, 4, 5].flatMap((step) =>
    (["refuse", "lose-answer"] as const).map((kind) => ({
      name: `${kind}-${step}`,
      kind,
      step,
    })),
  );
  for (const { name } of cases) {
    await ask("POST", url, { name, dimension: 2 });
    await ask("POST", `${url}/${name}/add`, { items: [item("a")] });
  }
  const deleted = new Set<string>();
  for (const { name, kind, step } of cases) {
    let calls = 0;
    network.decide = (request) => {
      if (!request.url.includes(name) || (calls === 0 && !isRecordPut(request))) return { kind: "pass" };
      calls += 1;
      if (calls < step) return { kind: "pass" };
      return calls === step ? { kind } : { kind: "refuse" };
    };
    const { status } = await ask("DELETE", `${url}/${name}`);
    if (status === 204) deleted.add(name);
    else expect([status, step]).toEqual([503, 1]);
  }
  expect(deleted.size).toBeGreaterThanOrEqual(8);
  // Nothing gets through any more until vectord is started anew.
  network.decide = () => ({ kind: "refuse" });
  await processes.restart({ wait: false });
  network.decide = () => ({ kind: "pass" });
  await untilReady(processes.vectord.url);
  for (const { name } of cases) {
    const { status } = await ask("GET", `${url}/${name}`);
    if (deleted.has(name)) expect([name, status]).toEqual([name, 404]);
  }
  for (const name of deleted) {
    expect((await ask("POST", url, { name, dimension: 3 })).status).toBe(201);
    await ask("POST", `${url}/${name}/add`, { items: [{ id: "new", vector: [1, 2, 3] }] });
  }
  await processes.restart();
  for (const name of deleted) {
    expect((await ask("GET", `${url}/${name}`)).body).toMatchObject({ dimension: 3, count: 1 });
  }
});

test("an index can be deleted, and made again, in the middle of a fold", async () => {
  await using processes = await startProcesses({ fold_idle: "1ms" });
  const { url, network } = processes;
  let folding = false;
  const { promise, resolve: goOn } = Promise.withResolvers<void>();
  network.decide = async ({ method, url }): Promise<ProxyFault> => {
    if (method === "PUT" && url.endsWith("/race.lhv1") && !folding) {
      folding = true;
      await promise;
    }
    return { kind: "pass" };
  };
  await ask("POST", url, { name: "race", dimension: 2 });
  await ask("POST", `${url}/race/add`, { items: [item("old")] });
  await eventually("a fold is under way", () => folding);
  const deleted = ask("DELETE", `${url}/race`);
  const made = ask("POST", url, { name: "race", dimension: 3 });
  expect((await ask("POST", `${url}/race/search`, { vector: [1, 2] })).status).toBe(200);
  goOn();
  expect((await deleted).status).toBe(204);
  expect((await made).status).toBe(201);
  await processes.restart();
  expect((await ask("GET", `${url}/race`)).body).toMatchObject({ dimension: 3, count: 0 });
});
