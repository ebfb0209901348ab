import { setTimeout as delay } from "node:timers/promises";
import { serviceNames } from "@lakehouse/contracts";
import { eventually } from "@lakehouse/testing";
import { untilReady } from "../lakehouse.ts";
import type { Random } from "../random.ts";
import { faults } from "./faults.ts";
import { type Footprints, footprintsOf } from "./inspect.ts";
import { startTraffic } from "./traffic.ts";
import type { Workload } from "./workload.ts";
import { calm, type World } from "./world.ts";

/** Those that no process dies of: what a process leaks it must still be there to show. */
const survivable = new Set([
  "clients that vanish",
  "2,000 idle connections",
  "clients that send a byte at a time",
  "errors of storaged",
  "broken connections to storaged",
  "a service that hangs",
]);
/** A leak grows each time; what an engine's allocator keeps after its largest query so far does not. */
const ROUNDS_MAX = 3;
const WARM_MS = 5_000;
const SETTLE_MS_MAX = 60_000;
/** Connections that are kept alive, and files that a cache holds open. */
const FILES_MORE_MAX = 24;
const THREADS_MORE_MAX = 4;
const MEMORY_FACTOR_MAX = 1.2;
/** A collector that has had no reason to run yet. */
const MEMORY_MORE_BYTES_MAX = 48 * 2 ** 20;

/**
 * Starts every process anew, lets it work, does to it what it survives, and compares what it holds then with what it held before:
 * file descriptors, threads, and memory within 20 %.
 */
export async function findLeaks(world: World, workloads: Workload[], random: Random): Promise<string[]> {
  const { daemons } = world.lakehouse;
  const exits = await Promise.all(serviceNames.map(async (name) => [name, await daemons[name].stop()] as const));
  await Promise.all(serviceNames.map((name) => daemons[name].start()));
  await untilReady(world.lakehouse);
  const findings = exits
    .filter(([, code]) => code !== 0)
    .map(([name, code]) => `${name} was stopped and exited ${code}`);
  const note = (error: unknown) => findings.push(String(error));
  const work = async (meanwhile: () => Promise<unknown>) => {
    const traffic = startTraffic(workloads, note);
    await meanwhile();
    await traffic.stop();
  };
  const strain = async () => {
    for (const fault of faults.filter(({ name }) => survivable.has(name))) {
      await fault.run(world, random.fork());
      calm(world);
    }
  };
  await work(strain); // once, so that every path was taken and every pool is as large as it gets
  await work(() => delay(WARM_MS));
  let before = await settled(world);
  let leaks: string[] = [];
  for (let round = 0; round < ROUNDS_MAX; round++) {
    await work(strain);
    await work(() => delay(WARM_MS));
    leaks = await unreturned(world, before);
    if (leaks.length === 0) break;
    before = footprintsOf(world.lakehouse);
  }
  return [...findings, ...leaks];
}

/** What is not given back within a minute. */
async function unreturned({ lakehouse }: World, before: Footprints): Promise<string[]> {
  const isReturned = () => leaksBetween(before, footprintsOf(lakehouse)).length === 0;
  return eventually("what was taken is given back", isReturned, SETTLE_MS_MAX).then(
    () => [],
    () => leaksBetween(before, footprintsOf(lakehouse)),
  );
}

/** The least that each holds while nothing is asked of it. */
async function settled({ lakehouse }: World): Promise<Footprints> {
  await delay(WARM_MS);
  return footprintsOf(lakehouse);
}

function leaksBetween(before: Footprints, after: Footprints): string[] {
  return serviceNames.flatMap((name) => {
    const [was, is] = [before[name], after[name]];
    const memoryMax = Math.max(was.residentBytes * MEMORY_FACTOR_MAX, was.residentBytes + MEMORY_MORE_BYTES_MAX);
    return [
      ...(is.files > was.files + FILES_MORE_MAX ? [`${name} had ${was.files} files open, and has ${is.files}`] : []),
      ...(is.threads > was.threads + THREADS_MORE_MAX
        ? [`${name} had ${was.threads} threads, and has ${is.threads}`]
        : []),
      ...(is.residentBytes > memoryMax
        ? [`${name} had ${mebibytes(was.residentBytes)}, and has ${mebibytes(is.residentBytes)}`]
        : []),
    ];
  });
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
