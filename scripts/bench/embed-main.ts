import { embedText, renderVector, VectorCache, vectorKey } from "@lakehouse/embedd/internals";
import { startService } from "@lakehouse/testing";
import { Random } from "../tools/workers-csv/random.ts";
import { makeWorker } from "../tools/workers-csv/worker.ts";
import { httpRequest, loadWith } from "./load.ts";
import { openBench } from "./measure/bench.ts";
import { median, quantile } from "./measure/figure.ts";
import { inTurn } from "./measure/in-turn.ts";
import { CostMeter } from "./measure/process-cost.ts";

const DIMENSION = 768;
const BATCH = 512;
const CLIENTS = 8;
const FLOOR = "GET /v1/embed/stats";
const IN_PROCESS_TEXTS = 1_000;

const bench = openBench("embed", { texts: [20_000, 2_048], rounds: [5, 1], hits: [800, 100] });
const { texts: count, rounds, hits } = bench.settings;
const random = new Random(1);
const workers = Array.from({ length: count }, (_, index) => makeWorker(index + 1, random));
const resumes = workers.map(({ resume_text }) => resume_text);
const sentences = workers.map(
  ({ role, city, certifications, worker_id: id }) => `${role} in ${city} with ${certifications} ${id}`,
);

await using embedd = await startService("embedd", { config: { embedd: { cache_size: count * 3 } } });
await using gateway = await startService("gateway", { config: { gateway: { embedd_url: embedd.url } } });
bench.section(`Batches of ${BATCH} texts through the gateway, two clients, ${DIMENSION} numbers a text`);
await batches("sentences", sentences, 20_000);
await batches("résumés of some 600 characters", resumes);
await batches("the same résumés, from the cache", resumes);
bench.section("One text from the cache, through the gateway");
await cacheHits(1, 0.8);
await cacheHits(CLIENTS);
await healthMeanwhile();
bench.section("In-process, one thread");
await inProcess();
bench.finish();

/** Each round takes the next part of the texts, so that none is in the cache unless all are. */
async function batches(what: string, texts: readonly string[], limit?: number): Promise<void> {
  const meter = new CostMeter({ embedd, gateway });
  const perRound = Math.floor(count / rounds / BATCH) * BATCH;
  let from = 0;
  const round = async () => {
    const requests = Array.from({ length: perRound / BATCH }, (_, i) =>
      embedRequest(texts.slice(from + i * BATCH, from + (i + 1) * BATCH)),
    );
    from += perRound;
    const load = { clients: 2, count: requests.length };
    const { seconds } = await meter.measure(() => loadWith(gateway.url, load, (i) => requests[i]!));
    return perRound / seconds;
  };
  bench.add({
    what,
    unit: "texts a second",
    better: "more",
    measured: await inTurn(rounds, { "through the gateway": round }),
    reaches: limit === undefined ? [] : [{ limit }],
    costs: meter.costs(),
  });
}

/** Beside a request for which embedd has nothing to do. */
async function cacheHits(clients: number, limit?: number): Promise<void> {
  const requests = Array.from({ length: hits }, (_, i) => embedRequest([resumes[i]!]));
  const load = { clients, count: hits };
  const p50 = async (requestOf: (i: number) => Buffer) => median((await loadWith(gateway.url, load, requestOf)).times);
  await p50((i) => requests[i]!); // left out: what was not in the cache is now
  bench.add({
    what: `p50, ${clients === 1 ? "one client" : `${clients} clients`}`,
    unit: "ms",
    better: "less",
    measured: await inTurn(rounds, {
      "a text from the cache": () => p50((i) => requests[i]!),
      [FLOOR]: () => p50(() => httpRequest("GET", FLOOR.slice(4))),
    }),
    reaches: limit === undefined ? [] : [{ limit }],
  });
}

/** A batch of the longest texts keeps a processor busy; the HTTP thread must stay free. */
async function healthMeanwhile(): Promise<void> {
  const long = Array.from({ length: BATCH }, (_, i) => `${i} ${resumes.slice(i, i + 60).join(" ")}`.slice(0, 32_000));
  let isDone = false;
  const batch = loadWith(gateway.url, { clients: 1, count: 1 }, () => embedRequest(long)).finally(() => {
    isDone = true;
  });
  const times: number[] = [];
  while (!isDone) {
    times.push(...(await loadWith(embedd.url, { clients: 1, count: 1 }, () => httpRequest("GET", "/health"))).times);
  }
  await batch;
  const measured = { "/health": [quantile(times, 0.99)] };
  bench.add({ what: "/health of embedd beside 512 texts of 32 kB, p99", unit: "ms", better: "less", measured });
}

async function inProcess(): Promise<void> {
  const cache = new VectorCache(IN_PROCESS_TEXTS * 2);
  for (const [what, all] of Object.entries({ sentence: sentences, résumé: resumes })) {
    const texts = all.slice(0, IN_PROCESS_TEXTS);
    const vectors = texts.map((text) => embedText(text, DIMENSION));
    for (const [i, text] of texts.entries()) cache.set(vectorKey("m", text), renderVector(vectors[i]!));
    const measured = await inTurn(rounds, {
      [`hash a ${what}`]: () => microseconds(texts, (text) => embedText(text, DIMENSION)),
      [`write a ${what}'s vector as JSON`]: () => microseconds(vectors, renderVector),
      [`find a ${what} in the cache`]: () => microseconds(texts, (text) => cache.get(vectorKey("m", text))),
    });
    for (const [part, values] of Object.entries(measured)) {
      bench.add({ what: part, unit: "µs", better: "less", measured: { [part]: values } });
    }
  }
}

/** Of one, in the mean. */
function microseconds<T>(items: readonly T[], work: (item: T) => unknown): number {
  const started = performance.now();
  for (const item of items) work(item);
  return ((performance.now() - started) * 1_000) / items.length;
}

function embedRequest(texts: readonly string[]): Buffer {
  return httpRequest("POST", "/v1/embed", JSON.stringify({ texts }), "content-type: application/json\r\n");
}
