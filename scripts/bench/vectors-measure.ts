import { temporaryFolder } from "@lakehouse/testing";
import type { Bench } from "./measure/bench.ts";
import { quantile } from "./measure/figure.ts";
import { inTurn, timeOf } from "./measure/in-turn.ts";
import { CostMeter, memoryMiB } from "./measure/process-cost.ts";
import { clusteredVectors, exactNeighbours, numbersOf } from "./vectors-data.ts";
import { HealthProbe } from "./vectors-health.ts";
import { rawHnsw } from "./vectors-peers.ts";
import { measureSearches } from "./vectors-searches.ts";
import { emptyStart, VectorService } from "./vectors-service.ts";
import { K, type Subject, type VectorSizes } from "./vectors-subject.ts";

const SMALL_BATCH = 100;
/** A process without vectors weighs, and starts up, more than fewer of them do: below it nothing is aimed at for memory and reload. */
const LARGE_N = 100_000;

/** One index from empty to reloaded, beside raw hnswlib and others that get the same vectors in this process. */
export async function measureVectors(
  bench: Pick<Bench, "add" | "note" | "section">,
  sizes: VectorSizes,
): Promise<void> {
  const { n, dimension, m, efConstruction, ef } = sizes.index;
  const vectors = clusteredVectors(n + sizes.queries, dimension, Math.max(10, Math.floor(n / 200)), 1);
  const queries = vectors.splice(n);
  await using folder = await temporaryFolder();
  await using service = await VectorService.start(folder.path);
  const health = new HealthProbe(() => service.vectord.url);
  const raw = rawHnsw(sizes.index);
  const wanted = exactNeighbours(vectors, queries, K);
  const subject: Subject = { bench, sizes, service, health, raw, vectors, queries, wanted };

  bench.section(
    `${n.toLocaleString("en")} clustered vectors of ${dimension}, cosine, m ${m}, ef_construction ${efConstruction}, ef ${ef}, k ${K}`,
  );
  await service.create("bench", dimension);
  await measureAdds(subject);
  await measureSmallBatches(subject);
  await measureSearches(subject);
  measureHealth(subject);
  await measureReload(subject);
  raw.remove();
}

/** Each round adds the next part to every index, so that all grow together. */
async function measureAdds({ bench, sizes, service, health, raw, vectors }: Subject): Promise<void> {
  const { rounds, others } = sizes;
  const perRound = Math.ceil(vectors.length / rounds);
  const meter = new CostMeter({ vectord: service.vectord, gateway: service.gateway, storaged: service.storaged });
  const acknowledged: number[] = [];
  const adder = (add: (part: Float32Array[], from: number) => number | Promise<number>) => {
    let from = 0;
    return async () => {
      const part = vectors.slice(from, from + perRound);
      from += perRound;
      return add(part, from - perRound);
    };
  };
  const addThrough = async (part: Float32Array[], from: number) => {
    const requests = service.addRequests(part, from);
    const milliseconds = await meter.measure(() =>
      health.during(() =>
        timeOf(async () => {
          acknowledged.push(part.length / (await service.send(requests)).seconds);
          await service.indexed();
        }),
      ),
    );
    await service.folded();
    return (part.length * 1_000) / milliseconds;
  };
  const peers = [raw, ...others].map((peer) => [peer.name, adder((part, from) => peer.add(part, from))] as const);
  const { ours, ...theirs } = await inTurn(rounds, { ours: adder(addThrough), ...Object.fromEntries(peers) });
  const reaches = [{ peer: raw.name, factor: 0.8 }];
  const add = (what: string, measured: number[], costs = meter.costs()) =>
    bench.add({ what, unit: "a second", better: "more", measured: { [what]: measured, ...theirs }, reaches, costs });
  add("adds in batches of 500, until acknowledged", acknowledged, []);
  add("adds in batches of 500, until the graph has them", ours!);
}

/** Into the full index and into new ones; what was added is deleted again. */
async function measureSmallBatches({ bench, sizes, service, vectors }: Subject): Promise<void> {
  const ids = Array.from({ length: SMALL_BATCH }, (_, i) => `small-${i}`);
  const items = ids.map((id, i) => ({ id, vector: numbersOf(vectors[i]!) }));
  const batchInto = (name: string) => async () => {
    if (name !== "bench") await service.create(name, sizes.index.dimension);
    const { times } = await service.send([service.addRequest(name, items)]);
    await service.indexed();
    if (name === "bench") await service.deleteItems(name, ids);
    else await service.delete(name);
    return times[0]!;
  };
  const empty = "into an empty index";
  bench.add({
    what: `a batch of ${SMALL_BATCH}`,
    unit: "ms",
    better: "less",
    measured: await inTurn(sizes.batches, { "into the full index": batchInto("bench"), [empty]: batchInto("empty") }),
    reaches: [{ peer: empty, factor: 1.5 }],
  });
  await service.indexed();
  await service.folded();
}

function measureHealth({ bench, sizes, service, health, raw }: Subject): void {
  const measured = { "/health": [quantile(health.times, 0.99)] };
  bench.add({ what: "/health meanwhile, p99", unit: "ms", better: "less", measured, reaches: [{ limit: 50 }] });
  const { n, dimension } = sizes.index;
  const least = "4·d·n + the graph of hnswlib";
  bench.add({
    what: "memory of vectord after all that",
    unit: "MiB",
    better: "less",
    measured: { vectord: [memoryMiB(service.vectord)], [least]: [(4 * dimension * n + raw.save()) / 2 ** 20] },
    reaches: n < LARGE_N ? [] : [{ peer: least, factor: 1.6 }],
  });
}

/** After kill -9; what a vectord with nothing to load takes is left out, which may be all of it where the index is small. */
async function measureReload({ bench, sizes, service, raw }: Subject): Promise<void> {
  await using nothing = await temporaryFolder();
  const peer = "raw read of the file + hnswlib's load";
  bench.add({
    what: "reload after kill -9",
    unit: "s",
    better: "less",
    measured: await inTurn(sizes.rounds, {
      vectord: async () => Math.max(0, (await service.reload()) - (await emptyStart(nothing.path))),
      [peer]: () => raw.load(service.indexFile),
    }),
    reaches: sizes.index.n < LARGE_N ? [] : [{ peer, factor: 3 }],
  });
}
