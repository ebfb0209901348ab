import { statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type IngestResult, ingestResultSchema, queryResultSchema } from "@lakehouse/contracts";
import { temporaryFolder } from "@lakehouse/testing";
import { openBench } from "./measure/bench.ts";
import { inTurn, timeOf } from "./measure/in-turn.ts";
import { CostMeter } from "./measure/process-cost.ts";
import { peerVersions, polarsPackage } from "./peer-packages.ts";
import { curl, makeCsv, outputOfScript, startStack } from "./stack.ts";

const DUCKDB = "DuckDB's COPY, one thread";
const DUCKDB_ALL = "DuckDB's COPY, every core";
const POLARS = "nodejs-polars, every core";

const bench = openBench("ingest", { rows: [500_000, 20_000], rounds: [5, 1] });
const { rows, rounds } = bench.settings;

await using folder = await temporaryFolder();
await using stack = await startStack(folder.path);
const { gateway, ingestd } = stack;
const processes = { ingestd, gateway };
let datasets = 0;

const csv = await makeCsv(join(folder.path, "workers.csv"), rows);
const warmUp = await ingest(csv); // left out: nothing is compiled or cached yet
const once = new CostMeter(processes);
const measured = await inTurn(rounds, {
  "curl to a SELECT": async () => seconds(await once.measure(() => timeOf(() => ingest(csv)))),
  [DUCKDB]: () => copyByDuckDb(1),
  [DUCKDB_ALL]: () => copyByDuckDb(availableParallelism()),
  ...(hasPolars() && { [POLARS]: copyByPolars }),
});
await rm(csv);

bench.section(`${rows.toLocaleString("en")} workers, 18 columns, ${Math.round(warmUp.size / 1e6)} MB`);
bench.add({
  what: "curl's first byte to a SELECT",
  unit: "s",
  better: "less",
  measured,
  reaches: [
    { peer: DUCKDB, factor: 1.4 },
    { peer: POLARS, factor: 1 },
  ],
  costs: once.costs(),
});
addMemory("ingestd", 256);
addMemory("gateway", 150);

const twice = await makeCsv(join(folder.path, "twice.csv"), rows * 2);
const double = new CostMeter(processes);
const doubleTime = seconds(await double.measure(() => timeOf(() => ingest(twice))));
bench.section("Twice as many rows, once");
bench.add({
  what: "curl's first byte to a SELECT",
  unit: "s",
  better: "less",
  measured: { "twice the rows": [doubleTime], "the rows once": measured["curl to a SELECT"]! },
  reaches: [{ peer: "the rows once", factor: 2.2 }],
  costs: double.costs(),
});
bench.add({
  what: "peak memory of ingestd",
  unit: "MiB",
  better: "less",
  measured: { "twice the rows": double.peaksMiB("ingestd"), "the rows once": once.peaksMiB("ingestd") },
  reaches: [{ peer: "the rows once", factor: 1.15 }],
});
bench.finish();

/** As a user does it: curl, then a query. */
async function ingest(file: string): Promise<{ result: IngestResult; size: number }> {
  const name = `workers_${datasets++}`;
  const answer = await curl("-F", `file=@${file}`, `${gateway.url}/v1/ingest?name=${name}`);
  const result = ingestResultSchema.parse(JSON.parse(answer));
  const sql = JSON.stringify({ sql: `SELECT count(*) FROM ${name}` });
  const { rows: counted } = queryResultSchema.parse(JSON.parse(await curl("-d", sql, `${gateway.url}/v1/sql`)));
  if (counted[0]?.[0] !== result.row_count) throw new Error(`${name} has ${JSON.stringify(counted)} rows.`);
  return { result, size: statSync(file).size };
}

async function copyByDuckDb(threads: number): Promise<number> {
  const target = join(folder.path, "duckdb.parquet");
  const columns = JSON.stringify(warmUp.result.columns);
  const ms = Number(await outputOfScript("ingest-duckdb.ts", csv, target, String(threads), columns));
  await rm(target);
  return seconds(ms);
}

async function copyByPolars(): Promise<number> {
  const target = join(folder.path, "polars.parquet");
  const ms = Number(await outputOfScript("ingest-polars.ts", csv, target));
  await rm(target);
  return seconds(ms);
}

function hasPolars(): boolean {
  try {
    polarsPackage();
    bench.version("nodejs-polars", peerVersions.polars);
    return true;
  } catch (error) {
    bench.note(`nodejs-polars could not be had: ${(error as Error).message}`);
    return false;
  }
}

function addMemory(service: "ingestd" | "gateway", limit: number): void {
  const measured = { [service]: once.peaksMiB(service) };
  bench.add({ what: `peak memory of ${service}`, unit: "MiB", better: "less", measured, reaches: [{ limit }] });
}

function seconds(ms: number): number {
  return ms / 1_000;
}
