import { loadWith } from "./load.ts";
import { median, quantile } from "./measure/figure.ts";
import { inTurn } from "./measure/in-turn.ts";
import { CostMeter } from "./measure/process-cost.ts";
import { numbersOf, recall } from "./vectors-data.ts";
import type { Peer } from "./vectors-peers.ts";
import { jsonRequest, shares } from "./vectors-service.ts";
import { K, type Subject } from "./vectors-subject.ts";

const CLIENTS = 8;
/** Filtered searches take longer, and are many kinds. */
const FILTERED_PART = 0.1;

export async function measureSearches(subject: Subject): Promise<void> {
  await measureUnfiltered(subject);
  await measureRecall(subject);
  await measureFiltered(subject);
}

async function measureUnfiltered({ bench, sizes, service, health, raw, queries }: Subject): Promise<void> {
  const { rounds, searches, others } = sizes;
  const requests = {
    gateway: requestsTo("/v1", queries, sizes.index.ef),
    vectord: requestsTo("", queries, sizes.index.ef),
  };
  const meter = new CostMeter({ vectord: service.vectord, gateway: service.gateway });
  const alone = new CostMeter({ vectord: service.vectord });
  const p50s: number[] = [];
  const p99s: number[] = [];
  const through = (url: string, of: readonly Buffer[]) =>
    health.during(() => loadWith(url, { clients: CLIENTS, count: searches }, (i) => of[i % of.length]!));
  const viaGateway = async () => {
    const { times, seconds } = await meter.measure(() => through(service.gateway.url, requests.gateway));
    p50s.push(median(times));
    p99s.push(quantile(times, 0.99));
    return searches / seconds;
  };
  const viaVectord = async () =>
    searches / (await alone.measure(() => through(service.vectord.url, requests.vectord))).seconds;
  await through(service.gateway.url, requests.gateway); // left out: nothing is compiled yet
  const peers = [raw, ...others].map((peer) => [peer.name, () => searchesPerSecond(peer, queries, searches)] as const);
  const { gateway, vectord, ...theirs } = await inTurn(rounds, {
    gateway: viaGateway,
    vectord: viaVectord,
    ...Object.fromEntries(peers),
  });
  const reaches = [{ peer: raw.name, factor: 1 }];
  const add = (what: string, ours: number[], costs = meter.costs()) =>
    bench.add({ what, unit: "a second", better: "more", measured: { [what]: ours, ...theirs }, reaches, costs });
  add(`searches through the gateway, ${CLIENTS} clients`, gateway!);
  add(`searches at vectord, ${CLIENTS} clients`, vectord!, alone.costs());
  bench.add({
    what: "a search through the gateway, p99 over p50",
    unit: "ms",
    better: "less",
    measured: { p99: p99s, p50: p50s },
    reaches: [{ peer: "p50", factor: 5 }],
  });
}

/** Of the neighbours that a look at all vectors finds. */
async function measureRecall({ bench, sizes, service, raw, queries, wanted }: Subject): Promise<void> {
  const requests = requestsTo("/v1", queries, sizes.index.ef);
  const found: number[][] = [];
  const load = { clients: CLIENTS, count: requests.length };
  await loadWith(
    service.gateway.url,
    load,
    (i) => requests[i]!,
    (i, body) => {
      found[i] = idsOf(body);
    },
  );
  const share = (some: number[][]) => [recall(some, wanted) * 10_000];
  const peers = [raw, ...sizes.others].map(
    (peer) => [peer.name, share(queries.map((query) => peer.search(query, K)))] as const,
  );
  bench.add({
    what: `neighbours found of the true ${K}`,
    unit: "of 10,000",
    better: "more",
    measured: { ours: share(found), ...Object.fromEntries(peers) },
  });
}

/** Beside as many without a filter. */
async function measureFiltered({ bench, sizes, service, health, queries }: Subject): Promise<void> {
  const { n, ef } = sizes.index;
  const count = Math.ceil(sizes.searches * FILTERED_PART);
  const perSecond = async (extra: object, matching: number) => {
    const requests = requestsTo("/v1", queries, ef, extra);
    const load = { clients: CLIENTS, count };
    const check = (_: number, body: Buffer) => {
      const results = idsOf(body).length;
      if (results !== Math.min(K, matching)) bench.note(`A filter that leaves ${matching} gave ${results} results.`);
    };
    const requestOf = (i: number) => requests[i % requests.length]!;
    const { seconds } = await health.during(() => loadWith(service.gateway.url, load, requestOf, check));
    return count / seconds;
  };
  const sides = shares.map((share, key) => {
    const matching = Math.ceil(n / Math.round(1 / share));
    return [String(share), () => perSecond({ filter: { [`f${key}`]: 0 } }, matching)] as const;
  });
  const peer = "without a filter";
  const runs = await inTurn(sizes.rounds, { [peer]: () => perSecond({}, n), ...Object.fromEntries(sides) });
  for (const share of shares) {
    bench.add({
      what: `searches with a filter that leaves ${share * 100} %`,
      unit: "a second",
      better: "more",
      measured: { filtered: runs[String(share)]!, [peer]: runs[peer]! },
    });
  }
}

function searchesPerSecond(peer: Peer, queries: readonly Float32Array[], count: number): number {
  const started = performance.now();
  for (let i = 0; i < count; i++) peer.search(queries[i % queries.length]!, K);
  return (count * 1_000) / (performance.now() - started);
}

function requestsTo(prefix: string, queries: readonly Float32Array[], ef: number, extra: object = {}): Buffer[] {
  return queries.map((vector) =>
    jsonRequest("POST", `${prefix}/vectors/index/bench/search`, { vector: numbersOf(vector), k: K, ef, ...extra }),
  );
}

function idsOf(body: Buffer): number[] {
  const { results } = JSON.parse(body.toString()) as { results: { id: string }[] };
  return results.map(({ id }) => Number(id));
}
