import { openBench } from "./measure/bench.ts";
import { peerVersions } from "./peer-packages.ts";
import { measureVectors } from "./vectors-measure.ts";
import { type IndexSettings, type Peer, usearch } from "./vectors-peers.ts";

const bench = openBench("vectors", {
  n: ["20000", "2000"],
  d: [768, 768],
  ef: [100, 100],
  queries: [200, 20],
  searches: [3_000, 200],
  batches: [10, 2],
  rounds: [5, 1],
  peers: ["all", "all"],
});
const { n: sizes, d: dimension, ef, peers, ...settings } = bench.settings;

for (const n of sizes.split(",").map(Number)) {
  const index = { n, dimension, m: 16, efConstruction: 200, ef };
  await measureVectors(bench, { ...settings, index, others: peers === "all" ? otherPeers(index) : [] });
}
bench.finish();

function otherPeers(index: IndexSettings): Peer[] {
  try {
    const found = (["f32", "bf16"] as const).map((kind) => usearch(index, kind));
    bench.version("usearch", peerVersions.usearch);
    return found;
  } catch (error) {
    bench.note(`usearch could not be had: ${(error as Error).message}`);
    return [];
  }
}
