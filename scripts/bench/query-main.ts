import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type ServiceProcess, temporaryFolder } from "@lakehouse/testing";
import { openInProcess } from "./query-in-process.ts";
import { queries } from "./query-workload.ts";
import { ingestFile, makeCsv, median, startStack, timeOf } from "./stack.ts";

const LARGE = "SELECT * FROM workers";
const WARM_UP_RUNS = 20;
const SMALL_RUNS = 200;

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "500000" },
    runs: { type: "string", default: "5" },
    csv: { type: "string" },
  },
});
const runs = Number(values.runs);

await using folder = await temporaryFolder();
const csv = values.csv ?? (await makeCsv(join(folder.path, "workers.csv"), Number(values.rows)));
await using stack = await startStack(folder.path);
const path = join(folder.path, "objects/primary", await ingestFile(stack.ingestd, "workers", csv));
const inProcess = await openInProcess(path);
console.log(
  `${values.rows} rows, ${megabytes(statSync(csv).size)} of CSV, ${megabytes(statSync(path).size)} of Parquet\n`,
);
await compareSmall();
await compareLarge();

async function compareSmall(): Promise<void> {
  console.log("p50 in ms          in-process   gateway   difference");
  for (const [name, sql] of Object.entries(queries)) {
    const own: number[] = [];
    const through: number[] = [];
    for (let run = -WARM_UP_RUNS; run < SMALL_RUNS; run++) {
      const times = [await timeOf(() => inProcess.rows(sql)), await timeOf(() => askJson(sql))] as const;
      if (run >= 0)
        for (const [list, time] of [
          [own, times[0]],
          [through, times[1]],
        ] as const)
          list.push(time);
    }
    const [a, b] = [median(own), median(through)];
    console.log(
      `${name.padEnd(18)} ${a.toFixed(2).padStart(10)} ${b.toFixed(2).padStart(9)} ${(b - a).toFixed(2).padStart(12)}`,
    );
  }
}

async function compareLarge(): Promise<void> {
  const own: number[] = [];
  const through: number[] = [];
  for (let run = 0; run < runs; run++) {
    own.push(await timeOf(() => inProcess.copyJson(LARGE, join(folder.path, "copy.json"))));
    through.push(await timeOf(() => curl(LARGE)));
  }
  const [a, b] = [median(own), median(through)];
  console.log(
    `\nSELECT * as JSON, median of ${runs}: COPY … (FORMAT json) ${seconds(a)}, gateway ${seconds(b)}: ${(b / a).toFixed(2)} x`,
  );
  console.log(`peak memory: queryd ${peakMemory(stack.queryd)}, gateway ${peakMemory(stack.gateway)}`);
}

async function askJson(sql: string): Promise<void> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${stack.gateway.url}/v1/sql`, {
    method: "POST",
    headers,
    body: JSON.stringify({ sql }),
  });
  if (!response.ok) throw new Error(await response.text());
  await response.json();
}

/** As a user would, to a file nobody keeps. */
async function curl(sql: string): Promise<void> {
  const url = `${stack.gateway.url}/v1/sql`;
  const child = spawn("curl", ["-sSf", "-o", "/dev/null", "-d", JSON.stringify({ sql }), url], { stdio: "inherit" });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`curl ended with ${code}.`);
}

function peakMemory({ pid }: ServiceProcess): string {
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))!;
  return `${Math.round(Number(kilobytes) / 1024)} MiB`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
