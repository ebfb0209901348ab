import type { Bench } from "./measure/bench.ts";
import { inTurn, timeOf } from "./measure/in-turn.ts";
import { CostMeter } from "./measure/process-cost.ts";
import { peerVersions, pythonDuckDb } from "./peer-packages.ts";
import type { InProcess } from "./query-in-process.ts";
import { LARGE } from "./query-workload.ts";
import { curl, outputOf, type Stack } from "./stack.ts";

const MEDIA_TYPES = {
  JSON: "application/json",
  NDJSON: "application/x-ndjson",
  Arrow: "application/vnd.apache.arrow.stream",
};

interface Subject {
  bench: Pick<Bench, "add" | "note" | "version">;
  stack: Stack;
  inProcess: InProcess;
  rounds: number;
  /** The file that the rows are in. */
  parquet: string;
}

/** All rows in each format, as curl gets them, beside DuckDB which writes the same in-process; nobody keeps what comes. */
export async function compareLarge({ bench, stack, inProcess, rounds, parquet }: Subject): Promise<void> {
  const arrow = arrowInPython(bench, parquet);
  const peers = {
    JSON: { name: "DuckDB's COPY, in-process", run: () => timeOf(() => inProcess.write(LARGE, "json")) },
    NDJSON: { name: "DuckDB's COPY, in-process", run: () => timeOf(() => inProcess.write(LARGE, "ndjson")) },
    Arrow: arrow && { name: "DuckDB to Arrow, in Python", run: arrow },
  };
  for (const format of ["JSON", "NDJSON", "Arrow"] as const) {
    const meter = new CostMeter({ queryd: stack.queryd, gateway: stack.gateway });
    const ours = () => meter.measure(() => timeOf(() => download(stack.gateway.url, MEDIA_TYPES[format])));
    const peer = peers[format];
    bench.add({
      what: `SELECT * as ${format}`,
      unit: "ms",
      better: "less",
      measured: await inTurn(rounds, { "through the gateway": ours, ...(peer && { [peer.name]: peer.run }) }),
      reaches: peer ? [{ peer: peer.name, factor: 1.2 }] : [],
      costs: meter.costs(),
    });
    if (format !== "JSON") continue;
    const measured = { queryd: meter.peaksMiB("queryd") };
    bench.add({ what: "peak memory of queryd", unit: "MiB", better: "less", measured, reaches: [{ limit: 400 }] });
  }
}

async function download(gateway: string, mediaType: string): Promise<void> {
  const sql = JSON.stringify({ sql: LARGE });
  await curl("-o", "/dev/null", "-H", `accept: ${mediaType}`, "-d", sql, `${gateway}/v1/sql`);
}

/** DuckDB's Node package gives no Arrow; its Python package does. */
function arrowInPython(bench: Subject["bench"], parquet: string): (() => Promise<number>) | undefined {
  try {
    const packages = pythonDuckDb();
    bench.version("pyarrow", peerVersions.pyarrow);
    const script = `${import.meta.dirname}/query-arrow.py`;
    return async () => Number(await outputOf("env", `PYTHONPATH=${packages}`, "python3", script, parquet, LARGE));
  } catch (error) {
    bench.note(`DuckDB for Python could not be had: ${(error as Error).message}`);
    return undefined;
  }
}
