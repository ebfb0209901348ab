import type { Bench } from "./measure/bench.ts";
import { quantile } from "./measure/figure.ts";
import { inTurn } from "./measure/in-turn.ts";
import { CostMeter } from "./measure/process-cost.ts";
import type { InProcess } from "./query-in-process.ts";
import { askThrough, timesInProcess } from "./query-times.ts";
import { LONG, queries } from "./query-workload.ts";
import type { Stack } from "./stack.ts";

const small = Object.values(queries);
const smallOf = (i: number) => small[i % small.length]!;

interface Subject {
  bench: Pick<Bench, "add">;
  stack: Stack;
  inProcess: InProcess;
  rounds: number;
  clients: number;
  /** Small statements a round. */
  count: number;
}

/** What long statements do to the p99 of small ones: the same clients with and without long ones beside them, ours and in-process. */
export async function compareConcurrent({ bench, stack, inProcess, rounds, clients, count }: Subject): Promise<void> {
  const long = clients / 4;
  const short = clients - long;
  const connections = await Promise.all(Array.from({ length: clients }, () => inProcess.connect()));
  const meter = new CostMeter({ queryd: stack.queryd, gateway: stack.gateway });
  const p99 = (times: readonly number[]) => quantile(times, 0.99);
  const through = async () => p99(await askThrough(stack.gateway, { clients: short, count }, smallOf));
  const direct = async () => p99(await timesInProcess(connections.slice(long), count, smallOf));
  const longThrough = () => askThrough(stack.gateway, { clients: long, count: long }, () => LONG);
  const longDirect = () => timesInProcess(connections.slice(0, long), long, () => LONG);

  const runs = await inTurn(rounds, {
    mixed: () => meter.measure(() => beside(longThrough, through)),
    alone: through,
    "DuckDB, mixed": () => beside(longDirect, direct),
    "DuckDB, alone": direct,
  });
  bench.add({
    what: "small statements beside long ones, p99",
    unit: "ms",
    better: "less",
    measured: {
      "through the gateway": runs["mixed"]!,
      "ours without the long ones": runs["alone"]!,
      [`DuckDB in-process, ${clients} connections`]: runs["DuckDB, mixed"]!,
    },
    reaches: [{ peer: "ours without the long ones", factor: 2 }],
    costs: meter.costs(),
  });
  bench.add({
    what: "DuckDB's own: small statements beside long ones, p99",
    unit: "ms",
    better: "less",
    measured: { "DuckDB in-process": runs["DuckDB, mixed"]!, "without the long ones": runs["DuckDB, alone"]! },
  });
}

/** The work, while something else is done over and over. */
async function beside<T>(over: () => Promise<unknown>, work: () => Promise<T>): Promise<T> {
  let isDone = false;
  const other = (async () => {
    while (!isDone) await over();
  })();
  try {
    return await work();
  } finally {
    isDone = true;
    await other;
  }
}
