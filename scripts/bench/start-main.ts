import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { serviceNames } from "@lakehouse/contracts";
import { configSchema, variableFor } from "@lakehouse/server";
import { freePort, temporaryFolder } from "@lakehouse/testing";
import { type Figure, inTurn, printFigures } from "./compare.ts";
import { type Program, startScript } from "./programs.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "5" }, json: { type: "string" } } });
/** Long enough for what a start leaves behind to be collected. */
const SETTLE_MS = 3_000;

const memory = { lakehouse: [] as number[], bare: [] as number[] };
const seconds = await inTurn(Number(values.rounds), {
  "lakehouse, all ten": startLakehouse,
  "ten bare Fastifys": startBare,
});
const figures: Figure[] = [
  { what: "from nothing to all ready", unit: "s", measured: seconds, reach: "≤ 1.8 ×" },
  {
    what: "memory when idle (PSS of all)",
    unit: "MiB",
    measured: { "lakehouse, all ten": memory.lakehouse, "ten bare Fastifys": memory.bare },
    reach: "≤ 1.6 ×",
  },
];
printFigures(figures, values.json);

async function startLakehouse(): Promise<number> {
  await using folder = await temporaryFolder();
  const script = fileURLToPath(new URL("../up", import.meta.url));
  const env = { ...process.env, ...(await freeAddresses()) };
  const started = performance.now();
  const child = spawn(script, ["--data", folder.path], {
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  for await (const line of createInterface({ input: child.stdout })) if (line.startsWith("lakehouse ready")) break;
  const took = (performance.now() - started) / 1_000;
  await delay(SETTLE_MS);
  memory.lakehouse.push(childrenOf(child.pid!).reduce((sum, pid) => sum + pss(pid), 0));
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await exit;
  return took;
}

async function startBare(): Promise<number> {
  const started = performance.now();
  const programs: Program[] = await Promise.all(serviceNames.map(() => startScript("bare-fastify.ts")));
  const took = (performance.now() - started) / 1_000;
  await delay(SETTLE_MS);
  memory.bare.push(programs.reduce((sum, { pid }) => sum + pss(pid), 0));
  await Promise.all(programs.map((program) => program[Symbol.asyncDispose]()));
  return took;
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

/** MiB; what several processes share is dealt out to them. */
function pss(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))![1]) / 1024;
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
}
