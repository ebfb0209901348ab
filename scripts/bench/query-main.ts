// First, before anything uses libuv's threads: DuckDB in-process needs one for each statement under way, as queryd does.
import "@lakehouse/queryd/internals/thread-pool";
import { statSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@lakehouse/testing";
import { openBench } from "./measure/bench.ts";
import { type Figure, median } from "./measure/figure.ts";
import { inTurn } from "./measure/in-turn.ts";
import { compareConcurrent } from "./query-concurrent.ts";
import { openInProcess } from "./query-in-process.ts";
import { compareLarge } from "./query-large.ts";
import { askThrough, timesInProcess } from "./query-times.ts";
import { queries } from "./query-workload.ts";
import { ingestFile, makeCsv, startStack } from "./stack.ts";

const CLIENTS = 16;
const WARM_UP_RUNS = 20;

const bench = openBench("query", {
  rows: [500_000, 20_000],
  rounds: [5, 1],
  runs: [40, 10],
  concurrent: [480, 48],
  csv: ["", ""],
});
const { rows, rounds, runs } = bench.settings;

await using folder = await temporaryFolder();
const csv = bench.settings.csv || (await makeCsv(join(folder.path, "workers.csv"), rows));
// Two queries a core is what queryd takes unless told; the peer has as many connections as there are clients, so queryd has too. Nor
// does the peer give up on a long one.
await using stack = await startStack(folder.path, { queryd: { max_concurrent: CLIENTS, query_timeout: "10m" } });
const parquet = join(folder.path, "objects/primary", await ingestFile(stack.ingestd, "workers", csv));
const inProcess = await openInProcess(parquet);
const subject = { bench, stack, inProcess, rounds };

const megabytes = (path: string) => `${Math.round(statSync(path).size / 1e6)} MB`;
bench.section(
  `Small statements, warm: ${rows.toLocaleString("en")} workers, ${megabytes(csv)} of CSV, ${megabytes(parquet)} of Parquet`,
);
for (const [name, sql] of Object.entries(queries)) bench.add(await small(name, sql));
bench.section("Every row and column");
await compareLarge({ ...subject, parquet });
bench.section(`${CLIENTS} clients: three of four send small statements, the others long ones`);
await compareConcurrent({ ...subject, clients: CLIENTS, count: bench.settings.concurrent });
bench.finish();

/** One client, one statement after the other; p50 of each round. */
async function small(name: string, sql: string): Promise<Figure> {
  const peer = "DuckDB in-process";
  const sides = {
    "through the gateway": (count: number) => askThrough(stack.gateway, { clients: 1, count }, () => sql),
    [peer]: (count: number) => timesInProcess([inProcess], count, () => sql),
  };
  for (const side of Object.values(sides)) await side(WARM_UP_RUNS);
  const p50s = Object.entries(sides).map(([who, side]) => [who, async () => median(await side(runs))] as const);
  return {
    what: `${name}, p50`,
    unit: "ms",
    better: "less",
    measured: await inTurn(rounds, Object.fromEntries(p50s)),
    reaches: [{ peer, factor: 1, plus: 2 }],
  };
}
