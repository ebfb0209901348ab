import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type ServiceProcess, startS3Server, temporaryFolder } from "@lakehouse/testing";
import { delayedServer } from "./delayed-server.ts";
import { queries } from "./query-workload.ts";
import { ingestFile, makeCsv, median, type Stack, startStack, timeOf } from "./stack.ts";

const WARM_UP_RUNS = 10;
const WARM_RUNS = 60;
const extensions = fileURLToPath(new URL("../../.tools/duckdb-extensions", import.meta.url));

const everyColumn = { "every column": "SELECT max(COLUMNS(*)) FROM workers" };
const warmQueries = { ...queries, ...everyColumn };
/** They want ever more of the object. */
const firstQueries = {
  "count(*)": queries["count(*)"],
  AVG: queries.AVG,
  "GROUP BY role": queries["GROUP BY role"],
  ...everyColumn,
};

const { values } = parseArgs({
  options: {
    rows: { type: "string", default: "1165000" },
    "cold-runs": { type: "string", default: "5" },
    latency: { type: "string", default: "0" },
    memory: { type: "string", default: "1 GiB" },
  },
});
const coldRuns = Number(values["cold-runs"]);

await using folder = await temporaryFolder();
const csv = await makeCsv(join(folder.path, "workers.csv"), Number(values.rows));
const minio = await startS3Server("minio");
await using _closing = { [Symbol.asyncDispose]: () => minio.close() };
await minio.makeBucket("lakehouse");
const latencyMs = Number(values.latency);
const endpoint = latencyMs === 0 ? minio.endpoint : await delayedServer(minio.endpoint, latencyMs);
await using onFs = await startStack(join(folder.path, "fs"));
await using onS3 = await startStack(join(folder.path, "s3"), {
  storage: { buckets: [{ name: "primary", backend: "s3", endpoint, bucket: "lakehouse" }] },
  environment: {
    AWS_ACCESS_KEY_ID: minio.credentials.access_key_id,
    AWS_SECRET_ACCESS_KEY: minio.credentials.secret_access_key,
  },
});
const key = await ingestFile(onFs.ingestd, "workers", csv);
await ingestFile(onS3.ingestd, "workers", csv);
const { size } = await stat(join(folder.path, "fs/objects/primary", key));
console.log(
  `${values.rows} rows, ${Math.round(size / 1e6)} MB of Parquet; MinIO ${latencyMs} ms away; memory_limit ${values.memory}`,
);

interface Mode {
  name: string;
  stack: Stack;
  config: Record<string, unknown>;
}
const memory = { memory_limit: values.memory };
const cacheDir = join(folder.path, "cache");
const modes: Mode[] = [
  { name: "direct", stack: onFs, config: { ...memory, object_access: "direct" } },
  { name: "cache", stack: onS3, config: { ...memory, object_access: "cache", cache_dir: cacheDir } },
  { name: "httpfs", stack: onS3, config: { ...memory, object_access: "httpfs", extension_directory: extensions } },
];
await compareWarm();
await compareFirst();

async function compareWarm(): Promise<void> {
  console.log(
    `\nwarm, p50 in ms    ${modes.map(({ name }) => name.padStart(8)).join(" ")}   cache/direct   httpfs/direct`,
  );
  const querydOf = await Promise.all(modes.map(({ stack, config }) => stack.startQueryd(config)));
  for (const [name, sql] of Object.entries(warmQueries)) {
    const times = modes.map((): number[] => []);
    for (let run = -WARM_UP_RUNS; run < WARM_RUNS; run++) {
      // In turn, and not always the same one first: what disturbs the machine disturbs all of them.
      for (let turn = 0; turn < modes.length; turn++) {
        const mode = (turn + run + WARM_UP_RUNS) % modes.length;
        const ms = await timeOf(() => ask(querydOf[mode]!, sql));
        if (run >= 0) times[mode]!.push(ms);
      }
    }
    const [direct = 0, cache = 0, httpfs = 0] = times.map(median);
    const p50s = [direct, cache, httpfs].map((ms) => ms.toFixed(2).padStart(8)).join(" ");
    console.log(
      `${name.padEnd(18)} ${p50s} ${(cache / direct).toFixed(2).padStart(14)} ${(httpfs / direct).toFixed(2).padStart(15)}`,
    );
  }
  for (const queryd of querydOf) await queryd.stop();
}

/** Of a queryd that is up, and has seen nothing of the object; what it costs to start it is left out. */
async function compareFirst(): Promise<void> {
  console.log(`\nfirst query, ms    ${modes.map(({ name }) => name.padStart(8)).join(" ")}`);
  for (const [name, sql] of Object.entries(firstQueries)) {
    const times = modes.map((): number[] => []);
    for (let run = 0; run < coldRuns; run++) {
      for (const [index, { stack, config }] of modes.entries()) {
        await rm(cacheDir, { recursive: true, force: true });
        const queryd = await stack.startQueryd(config);
        await ask(queryd, "SELECT 1");
        times[index]!.push(await timeOf(() => ask(queryd, sql)));
        await queryd.stop();
      }
    }
    console.log(`${name.padEnd(18)} ${times.map((of) => median(of).toFixed(0).padStart(8)).join(" ")}`);
  }
}

async function ask({ url }: ServiceProcess, sql: string): Promise<void> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}/sql`, { method: "POST", headers, body: JSON.stringify({ sql }) });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
}
