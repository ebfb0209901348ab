import { spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { endWithUs, startService } from "@lakehouse/testing";
import { EVENTS, EVERY_MS } from "./chat-load.ts";
import { openBench } from "./measure/bench.ts";
import { median, quantile } from "./measure/figure.ts";
import { timeOf } from "./measure/in-turn.ts";
import { CostMeter } from "./measure/process-cost.ts";

const WARM_UP_CALLS = 1_000;
const STREAM_ROUNDS = 8;
const MODEL = "the model itself";

const bench = openBench("chat", { rounds: [5, 1], calls: [400, 100], streams: [500, 50] });
const { rounds, calls, streams } = bench.settings;
const messages = [
  { role: "system", content: "You are a helpful assistant." },
  { role: "user", content: "Tell me about warehouses in Chicago. ".repeat(20) },
];

await using model = await startModel();
const environment = { OPENROUTER_API_KEY: "sk-bench" };
const config = { chatd: { openrouter_url: model.url } };
await using chatd = await startService("chatd", { config, environment });
await using gateway = await startService("gateway", { config: { gateway: { chatd_url: chatd.url } } });
const agent = new Agent({ keepAlive: true });

await measureOverhead();
await measureStreams();
agent.destroy();
bench.finish();

/** One call after the other, to each door in turn, so that whatever else happens on the machine happens to all. */
async function measureOverhead(): Promise<void> {
  const doors = [
    { name: MODEL, url: `${model.url}/chat/completions`, named: "m" },
    { name: "chatd", url: `${chatd.url}/chat/completions`, named: "openrouter/m", plus: 0.8 },
    { name: "chatd, POST /chat", url: `${chatd.url}/chat`, named: "openrouter/m", plus: 0.8 },
    { name: "gateway and chatd", url: `${gateway.url}/v1/chat/completions`, named: "openrouter/m", plus: 1.5 },
  ].map((door) => ({ ...door, body: JSON.stringify({ model: door.named, messages }), byRound: [] as number[][] }));
  await callAll(doors, WARM_UP_CALLS);
  for (let round = 0; round < rounds; round++) {
    for (const [i, times] of (await callAll(doors, calls)).entries()) doors[i]!.byRound.push(times);
  }
  bench.section(`A model that takes no time, one client, a prompt of ${JSON.stringify(messages).length} bytes`);
  const [floor, ...ours] = doors;
  for (const { name, byRound, plus = 0 } of ours) {
    bench.add({
      what: `${name}, p50`,
      unit: "ms",
      better: "less",
      measured: { [name]: byRound.map(median), [MODEL]: floor!.byRound.map(median) },
      reaches: [{ peer: MODEL, factor: 1, plus }],
    });
  }
  const p99 = (times: readonly number[]) => quantile(times, 0.99);
  const { name, byRound } = ours.at(-1)!;
  const measured = { [name]: byRound.map(p99), [MODEL]: floor!.byRound.map(p99) };
  bench.add({ what: `${name}, p99`, unit: "ms", better: "less", measured });
}

/** Milliseconds of each call, by door. */
async function callAll(doors: readonly { url: string; body: string }[], count: number): Promise<number[][]> {
  const times = doors.map((): number[] => []);
  for (let call = 0; call < count; call++) {
    for (const [i, { url, body }] of doors.entries()) times[i]!.push(await timeOf(() => post(url, body)));
  }
  return times;
}

/** All at once through the gateway, several times: what stays in memory would show. */
async function measureStreams(): Promise<void> {
  const meter = new CostMeter({ chatd, gateway });
  const seconds: number[] = [];
  for (let round = 0; round < STREAM_ROUNDS; round++) {
    seconds.push((await meter.measure(() => timeOf(allStreams))) / 1_000);
  }
  bench.section(
    `${streams} streams at once through the gateway, ${EVENTS} events each, one every ${EVERY_MS} ms; ${STREAM_ROUNDS} rounds`,
  );
  const words = { "the words alone": [(EVENTS * EVERY_MS) / 1_000] };
  bench.add({
    what: "until all are whole",
    unit: "s",
    better: "less",
    measured: { "through the gateway": seconds, ...words },
    costs: meter.costs(),
  });
  for (const service of ["chatd", "gateway"]) {
    const [, second, ...later] = meter.peaksMiB(service);
    const peer = "the second round";
    bench.add({
      what: `peak memory of ${service}, third round and later`,
      unit: "MiB",
      better: "less",
      measured: { [service]: later, [peer]: [second!] },
      reaches: [{ peer, factor: 1.15 }],
    });
  }
}

/** @throws Error where one of them is not whole */
async function allStreams(): Promise<void> {
  const body = JSON.stringify({ model: "openrouter/m", messages, stream: true });
  const url = `${gateway.url}/v1/chat/completions`;
  const texts = await Promise.all(Array.from({ length: streams }, () => post(url, body)));
  const torn = texts.filter((text) => !isWhole(text)).length;
  if (torn > 0) throw new Error(`${torn} of ${streams} streams were not whole.`);
}

function isWhole(text: string): boolean {
  return text.split('"word "').length === EVENTS + 1 && text.endsWith("data: [DONE]\n\n");
}

async function startModel() {
  const child = spawn(process.execPath, [`${import.meta.dirname}/chat-model.ts`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  endWithUs(child);
  const [line] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
  return { url: line.trim(), [Symbol.asyncDispose]: async () => void child.kill() };
}

function post(url: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const outgoing = request(url, { method: "POST", agent, headers }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`${url} answered ${response.statusCode}`));
      const pieces: string[] = [];
      response.setEncoding("utf8").on("data", (piece: string) => pieces.push(piece));
      response.on("error", reject).on("end", () => resolve(pieces.join("")));
    });
    outgoing.on("error", reject).end(body);
  });
}
