import { openBench } from "./measure/bench.ts";
import { measureMatrix } from "./memory-matrix.ts";
import { measurePathway } from "./memory-pathway.ts";

const bench = openBench("memory", {
  rounds: [5, 1],
  adds: [2_000, 100],
  records: [1_000_000, 20_000],
  replays: [3, 1],
  traces: [100_000, 5_000],
  searches: [60, 20],
  corpora: [4, 4],
  n: [20_000, 500],
  d: [768, 768],
  queries: [100, 20],
});
const { settings, positionals } = bench;
const parts = positionals.length > 0 ? positionals : ["pathway", "matrix"];
for (const part of parts) {
  if (part === "pathway") await measurePathway(bench, settings);
  else if (part === "matrix") await measureMatrix(bench, settings);
  else throw new Error(`pathway or matrix, not ${part}`);
}
bench.finish();
