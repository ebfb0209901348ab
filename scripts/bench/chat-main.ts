import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { parseArgs } from "node:util";
import { type ServiceProcess, startService } from "@lakehouse/testing";
import { EVENTS, EVERY_MS } from "./chat-load.ts";
import { median, peakMemory, resetPeakMemory } from "./stack.ts";

const WARM_UP_CALLS = 1_000;
const STREAMS = 500;
const ROUNDS = 8;

const { values } = parseArgs({ options: { calls: { type: "string", default: "2000" } } });
const calls = Number(values.calls);
const messages = [
  { role: "system", content: "You are a helpful assistant." },
  { role: "user", content: "Tell me about warehouses in Chicago. ".repeat(20) },
];

await using model = await startModel();
const environment = { OPENROUTER_API_KEY: "sk-bench" };
const config = { chatd: { openrouter_url: model.url } };
await using chatd = await startService("chatd", { config, environment });
await using gateway = await startService("gateway", { config: { gateway: { chatd_url: chatd.url } } });

console.log(`a prompt of ${JSON.stringify(messages).length} bytes, node ${process.version}\n`);
await measureOverhead();
await measureStreams();

/** One call after the other, to each door in turn, so that whatever else happens on the machine happens to all. */
async function measureOverhead(): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  const doors = [
    { name: "the model itself", url: `${model.url}/chat/completions`, named: "m" },
    { name: "chatd", url: `${chatd.url}/chat/completions`, named: "openrouter/m" },
    { name: "chatd, POST /chat", url: `${chatd.url}/chat`, named: "openrouter/m" },
    { name: "gateway and chatd", url: `${gateway.url}/v1/chat/completions`, named: "openrouter/m" },
  ].map((door) => ({ ...door, body: JSON.stringify({ model: door.named, messages }), times: [] as number[] }));
  for (let call = -WARM_UP_CALLS; call < calls; call++) {
    for (const { url, body, times } of doors) {
      const started = performance.now();
      await post(agent, url, body);
      if (call >= 0) times.push(performance.now() - started);
    }
  }
  agent.destroy();
  const floor = median(doors[0]!.times);
  console.log(`${calls} calls, one client, ms                   p50          p99   over the model itself (p50)`);
  for (const { name, times } of doors) {
    console.log(`${name.padEnd(34)} ${ms(median(times))} ${ms(quantile(times, 0.99))} ${ms(median(times) - floor)}`);
  }
}

/** All at once through the gateway, several times: what stays in memory would show. */
async function measureStreams(): Promise<void> {
  const agent = new Agent({ keepAlive: true });
  const body = JSON.stringify({ model: "openrouter/m", messages, stream: true });
  console.log(`\n${STREAMS} streams at once of ${EVENTS} events, one every ${EVERY_MS} ms`);
  console.log("round                            seconds   whole   chatd, MiB   gateway, MiB (peaks)");
  for (let round = 1; round <= ROUNDS; round++) {
    for (const service of [chatd, gateway]) resetPeakMemory(service);
    const started = performance.now();
    const url = `${gateway.url}/v1/chat/completions`;
    const texts = await Promise.all(Array.from({ length: STREAMS }, () => post(agent, url, body)));
    const seconds = ((performance.now() - started) / 1_000).toFixed(2).padStart(8);
    const whole = String(texts.filter(isWhole).length).padStart(7);
    const [inChatd, inGateway] = [chatd, gateway].map((service) => String(peakMemory(service)).padStart(12));
    console.log(`${String(round).padEnd(31)} ${seconds} ${whole} ${inChatd} ${inGateway}`);
  }
  console.log(`\nCPU of chatd ${cpuSeconds(chatd)} s, of the gateway ${cpuSeconds(gateway)} s, since their start`);
  agent.destroy();
}

function isWhole(text: string): boolean {
  return text.split('"word "').length === EVENTS + 1 && text.endsWith("data: [DONE]\n\n");
}

async function startModel() {
  const child = spawn(process.execPath, [`${import.meta.dirname}/chat-model.ts`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
  return { url: line.trim(), [Symbol.asyncDispose]: async () => void child.kill() };
}

function post(agent: Agent, url: string, body: string): Promise<string> {
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

/** User and system: what a process costs whatever else runs beside it. Linux counts in hundredths. */
function cpuSeconds({ pid }: ServiceProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function ms(time: number): string {
  return time.toFixed(3).padStart(12);
}

function quantile(times: readonly number[], part: number): number {
  return times.toSorted((a, b) => a - b)[Math.floor(part * (times.length - 1))] ?? Number.NaN;
}
