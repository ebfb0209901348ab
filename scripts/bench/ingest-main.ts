import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type IngestResult, ingestResultSchema, queryResultSchema } from "@lakehouse/contracts";
import { temporaryFolder } from "@lakehouse/testing";
import { curl, makeCsv, median, outputOf, peakMemory, resetPeakMemory, startStack } from "./stack.ts";

interface Measurement {
  ms: number;
  result: IngestResult;
  ingestdMiB: number;
  gatewayMiB: number;
}

const { values } = parseArgs({
  options: { rows: { type: "string", default: "500000" }, runs: { type: "string", default: "5" } },
});
const rows = Number(values.rows);
const runs = Number(values.runs);
let datasets = 0;

await using folder = await temporaryFolder();
await using stack = await startStack(folder.path);

const csv = await makeCsv(join(folder.path, "workers.csv"), rows);
console.log(`${rows} rows, ${megabytes(csv)}`);
await ingest(csv); // the first is left out: nothing is compiled or cached yet
const measured: Measurement[] = [];
const baseline: number[] = [];
for (let run = 0; run < runs; run++) {
  const measurement = await ingest(csv);
  measured.push(measurement);
  baseline.push(await copyByDuckDb(csv, measurement.result));
  console.log(`  run ${run + 1}: ${seconds(measurement.ms)}, DuckDB ${seconds(baseline.at(-1)!)}`);
}
const ms = median(measured.map((one) => one.ms));
const duckdbMs = median(baseline);
report(
  "curl's first byte to a SELECT",
  `${seconds(ms)}, DuckDB's COPY ${seconds(duckdbMs)}: ${(ms / duckdbMs).toFixed(2)} x`,
);
const ingestdMiB = Math.max(...measured.map((one) => one.ingestdMiB));
report("peak memory", `ingestd ${ingestdMiB} MiB, gateway ${Math.max(...measured.map((one) => one.gatewayMiB))} MiB`);
await rm(csv);

const twice = await makeCsv(join(folder.path, "twice.csv"), rows * 2);
const double = await ingest(twice);
console.log(`${rows * 2} rows, ${megabytes(twice)}`);
report("curl's first byte to a SELECT", `${seconds(double.ms)}: ${(double.ms / ms).toFixed(2)} x`);
report(
  "peak memory",
  `ingestd ${double.ingestdMiB} MiB: ${(double.ingestdMiB / ingestdMiB).toFixed(2)} x, gateway ${double.gatewayMiB} MiB`,
);

/** As a user does it: curl, then a query. */
async function ingest(file: string): Promise<Measurement> {
  const { gateway, ingestd } = stack;
  const name = `workers_${datasets++}`;
  for (const service of [gateway, ingestd]) resetPeakMemory(service);
  const startedAt = performance.now();
  const result = ingestResultSchema.parse(
    JSON.parse(await curl("-F", `file=@${file}`, `${gateway.url}/v1/ingest?name=${name}`)),
  );
  const sql = JSON.stringify({ sql: `SELECT count(*) FROM ${name}` });
  const answer = queryResultSchema.parse(JSON.parse(await curl("-d", sql, `${gateway.url}/v1/sql`)));
  const ms = performance.now() - startedAt;
  if (answer.rows[0]?.[0] !== result.row_count) throw new Error(`${name} has ${JSON.stringify(answer.rows)} rows.`);
  return { ms, result, ingestdMiB: peakMemory(ingestd), gatewayMiB: peakMemory(gateway) };
}

async function copyByDuckDb(file: string, { columns }: IngestResult): Promise<number> {
  const script = fileURLToPath(new URL("./ingest-duckdb.ts", import.meta.url));
  const target = join(folder.path, "duckdb.parquet");
  const args = [script, file, target, JSON.stringify(columns)];
  const output = await outputOf(spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] }));
  await rm(target);
  return Number(output);
}

function report(what: string, figure: string): void {
  console.log(`  ${what}: ${figure}`);
}

function megabytes(path: string): string {
  return `${Math.round(statSync(path).size / 1e6)} MB`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(2)} s`;
}
