import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { serviceNames } from "@lakehouse/contracts";
import { configSchema, variableFor } from "@lakehouse/server";
import { freePort, temporaryFolder } from "@lakehouse/testing";
import { openBench } from "./measure/bench.ts";
import { inTurn } from "./measure/in-turn.ts";
import { sharedOutMemoryMiB } from "./measure/process-cost.ts";
import { type Program, startScript } from "./programs.ts";

const OURS = "all ten";
const BARE = "ten bare Fastifys";
/** Long enough for what a start leaves behind to be collected. */
const SETTLE_MS = 3_000;

const bench = openBench("start", { rounds: [5, 1] });
// Left out: code that is compiled for the first time is kept, ours and the peer's.
await startLakehouse();
await startBare();
const memory = { [OURS]: [] as number[], [BARE]: [] as number[] };
const keepMemory = (name: keyof typeof memory, start: () => Promise<Start>) => async () => {
  const { seconds, memoryMiB } = await start();
  memory[name].push(memoryMiB);
  return seconds;
};
const seconds = await inTurn(bench.settings.rounds, {
  [OURS]: keepMemory(OURS, startLakehouse),
  [BARE]: keepMemory(BARE, startBare),
});
bench.add({
  what: "from nothing to all ready",
  unit: "s",
  better: "less",
  measured: seconds,
  reaches: [{ peer: BARE, factor: 1.8 }],
});
bench.add({
  what: "memory when idle (PSS of all)",
  unit: "MiB",
  better: "less",
  measured: memory,
  reaches: [{ peer: BARE, factor: 1.6 }],
});
bench.finish();

interface Start {
  seconds: number;
  /** Of all together, once they are idle. */
  memoryMiB: number;
}

async function startLakehouse(): Promise<Start> {
  await using folder = await temporaryFolder();
  const script = fileURLToPath(new URL("../up", import.meta.url));
  const env = { ...process.env, ...(await freeAddresses()) };
  const started = performance.now();
  const child = spawn(script, ["--data", folder.path], {
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  for await (const line of createInterface({ input: child.stdout })) if (line.startsWith("lakehouse ready")) break;
  const seconds = (performance.now() - started) / 1_000;
  await delay(SETTLE_MS);
  const memoryMiB = sumOf(childrenOf(child.pid!).map((pid) => sharedOutMemoryMiB({ pid })));
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await exit;
  return { seconds, memoryMiB };
}

async function startBare(): Promise<Start> {
  const started = performance.now();
  const programs: Program[] = await Promise.all(serviceNames.map(() => startScript("bare-fastify.ts")));
  const seconds = (performance.now() - started) / 1_000;
  await delay(SETTLE_MS);
  const memoryMiB = sumOf(programs.map(sharedOutMemoryMiB));
  await Promise.all(programs.map((program) => program[Symbol.asyncDispose]()));
  return { seconds, memoryMiB };
}

/** Of each service, and what the others know of it. */
async function freeAddresses(): Promise<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const service of serviceNames) {
    const address = `127.0.0.1:${await freePort()}`;
    variables[variableFor(service, "bind")] = address;
    for (const peer of serviceNames.filter((name) => `${service}_url` in configSchema[name])) {
      variables[variableFor(peer, `${service}_url`)] = `http://${address}`;
    }
  }
  return variables;
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
