import { ask, eventually, freePort } from "@lakehouse/testing";
import { expect, test } from "vitest";
import { startAlone, startProcesses, storedKeys, upload } from "./processes.ts";
import { registerRequest } from "./requests.ts";

test("garbage is collected by itself every gc_every; what is listed or young stays", async () => {
  await using processes = await startProcesses({ gc_every: "50ms" });
  const { storaged, catalogd: eager } = processes;
  // With no grace the object may be collected before it is registered; the register says so then.
  await eventually("an object is uploaded and registered", async () => {
    await upload(storaged, "datasets/a/f/listed");
    return (
      (await ask("POST", `${eager.url}/catalog/register`, registerRequest("a", ["datasets/a/f/listed"]))).status === 200
    );
  });
  await upload(storaged, "datasets/a/f/unlisted");
  await eventually("the unlisted one is gone", async () => {
    return (await storedKeys(storaged, "datasets/")).join() === "datasets/a/f/listed";
  });
});

test("an object younger than gc_grace may be on its way into a manifest, and stays", async () => {
  await using processes = await startProcesses({ gc_grace: "15m" });
  const { storaged, catalogd: patient } = processes;
  await upload(storaged, "datasets/a/f/young");
  const { body } = await ask("POST", `${patient.url}/catalog/gc`);
  expect(body).toEqual({ dry_run: false, garbage: [], removed: 0, bytes: 0 });
});

test("SIGTERM ends it with 0, also while it waits for storaged", async () => {
  await using catalogd = await startAlone(`http://127.0.0.1:${await freePort()}`);
  expect(await catalogd.stop()).toBe(0);
});

test("SIGTERM ends it with 0 when all is well", async () => {
  await using processes = await startProcesses();
  const { catalogd } = processes;
  await ask("POST", `${catalogd.url}/catalog/register`, registerRequest("a"));
  expect(await catalogd.stop()).toBe(0);
});
