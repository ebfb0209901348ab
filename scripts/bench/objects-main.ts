import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ServiceProcess, startS3Server, temporaryFolder } from "@lakehouse/testing";
import { delayedServer } from "./delayed-server.ts";
import { openBench } from "./measure/bench.ts";
import { median } from "./measure/figure.ts";
import { inTurn, timeOf } from "./measure/in-turn.ts";
import { queries } from "./query-workload.ts";
import { ingestFile, makeCsv, type Stack, startStack } from "./stack.ts";

const WARM_UP_RUNS = 10;
const DIRECT = "direct";
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

const bench = openBench("objects", {
  rows: [1_165_000, 20_000],
  rounds: [5, 1],
  runs: [12, 3],
  latency: [0, 0],
  memory: ["1 GiB", "1 GiB"],
});
const { rounds, runs, latency: latencyMs } = bench.settings;

await using folder = await temporaryFolder();
const csv = await makeCsv(join(folder.path, "workers.csv"), bench.settings.rows);
const minio = await startS3Server("minio");
await using _closing = { [Symbol.asyncDispose]: () => minio.close() };
await minio.makeBucket("lakehouse");
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
const what = `one object of ${Math.round(size / 1e6)} MB, MinIO ${latencyMs} ms away, queryd with ${bench.settings.memory}`;

interface Mode {
  name: string;
  stack: Stack;
  config: Record<string, unknown>;
}
const memory = { memory_limit: bench.settings.memory };
const cacheDir = join(folder.path, "cache");
const modes: Mode[] = [
  { name: "cache", stack: onS3, config: { ...memory, object_access: "cache", cache_dir: cacheDir } },
  { name: DIRECT, stack: onFs, config: { ...memory, object_access: "direct" } },
  { name: "httpfs", stack: onS3, config: { ...memory, object_access: "httpfs", extension_directory: extensions } },
];
bench.section(`Warm, p50: ${what}`);
await compareWarm();
bench.section(`The first query of a queryd that is up and has seen nothing of the object: ${what}`);
await compareFirst();
bench.finish();

async function compareWarm(): Promise<void> {
  const querydOf = await Promise.all(modes.map(({ stack, config }) => stack.startQueryd(config)));
  for (const [name, sql] of Object.entries(warmQueries)) {
    const p50 = async (queryd: ServiceProcess, count: number) => {
      const times = [];
      for (let run = 0; run < count; run++) times.push(await timeOf(() => ask(queryd, sql)));
      return median(times);
    };
    for (const queryd of querydOf) await p50(queryd, WARM_UP_RUNS);
    const sides = modes.map((mode, i) => [mode.name, () => p50(querydOf[i]!, runs)] as const);
    const measured = await inTurn(rounds, Object.fromEntries(sides));
    bench.add({ what: name, unit: "ms", better: "less", measured, reaches: [{ peer: DIRECT, factor: 1.1 }] });
  }
  for (const queryd of querydOf) await queryd.stop();
}

/** What it costs to start queryd is left out. */
async function compareFirst(): Promise<void> {
  const first = async ({ stack, config }: Mode, sql: string) => {
    await rm(cacheDir, { recursive: true, force: true });
    const queryd = await stack.startQueryd(config);
    await ask(queryd, "SELECT 1");
    const ms = await timeOf(() => ask(queryd, sql));
    await queryd.stop();
    return ms;
  };
  for (const [name, sql] of Object.entries(firstQueries)) {
    const sides = modes.map((mode) => [mode.name, () => first(mode, sql)] as const);
    const measured = await inTurn(rounds, Object.fromEntries(sides));
    bench.add({ what: name, unit: "ms", better: "less", measured });
  }
}

async function ask({ url }: ServiceProcess, sql: string): Promise<void> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}/sql`, { method: "POST", headers, body: JSON.stringify({ sql }) });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
}
