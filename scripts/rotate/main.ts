import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type ServiceName, serviceNames } from "@lakehouse/contracts";
import { loadConfig, parseAddress } from "@lakehouse/server";
import { readTokens, writeTokens } from "./token-file.ts";

const TOKEN_BYTES = 32;
/** A service reads its tokens anew within milliseconds; one that does not has refused them. */
const RELOAD_MS_MAX = 20_000;
const POLL_MS = 50;

interface Door {
  service: ServiceName;
  url: string;
}

try {
  await main();
} catch (error) {
  process.stderr.write(`scripts/rotate-token: ${(error as Error).message}\n`);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { step, configPath, envFile, reload } = readArguments();
  const doors = await runningDoors(configPath);
  if (step === "begin") await begin(envFile, reload, doors);
  else await finish(envFile, reload, doors);
}

function readArguments() {
  const args = process.argv.slice(2).map((arg) => arg.replace(/^-config(?=$|=)/, "--config"));
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: "string", default: "/etc/lakehouse/lakehouse.toml" },
      "env-file": { type: "string", default: "/etc/lakehouse/auth.env" },
      reload: { type: "string", default: "systemctl try-reload-or-restart 'lakehouse-*.service'" },
    },
  });
  const reload = () => execFileSync("sh", ["-c", values.reload], { stdio: "inherit" });
  return { step: positionals[0], configPath: values.config, envFile: values["env-file"], reload };
}

/** Each step ends only when every service has taken it: no service ever sends what a peer does not accept yet. */
async function begin(envFile: string, reload: () => void, doors: Door[]): Promise<void> {
  const { primary: old, secondary } = readTokens(envFile);
  if (secondary.length > 0)
    throw new Error(`${envFile} has secondary tokens: a rotation is under way; finish it first.`);
  const fresh = randomBytes(TOKEN_BYTES).toString("hex");
  writeTokens(envFile, { primary: old, secondary: [fresh] });
  reload();
  await untilAll(doors, [old, fresh], []);
  say("1 of 2: every service accepts the new token beside the old one");
  writeTokens(envFile, { primary: fresh, secondary: [old] });
  reload();
  await untilAll(doors, [old, fresh], []);
  say(
    `2 of 2: services use the new token among themselves; give it to your clients (it is in ${envFile}), then finish`,
  );
}

async function finish(envFile: string, reload: () => void, doors: Door[]): Promise<void> {
  const { primary, secondary } = readTokens(envFile);
  if (secondary.length === 0) throw new Error(`${envFile} has no secondary token: no rotation is under way.`);
  writeTokens(envFile, { primary, secondary: [] });
  reload();
  await untilAll(doors, [primary], secondary);
  say("done: the old token is refused everywhere");
}

/** Of those that do not run nothing is asked: they read the file when they start. */
async function runningDoors(configPath: string): Promise<Door[]> {
  const { config } = loadConfig(configPath, process.env);
  const doors = serviceNames.map((service) => {
    const { host, port } = parseAddress(config[service].bind)!;
    return { service, url: `http://${host.includes(":") ? `[${host}]` : host}:${port}` };
  });
  const running = await Promise.all(doors.map(async ({ url }) => (await statusOf(`${url}/health`)) === 200));
  const asleep = doors.filter((_, index) => !running[index]);
  if (asleep.length > 0) say(`not running: ${asleep.map(({ service }) => service).join(", ")}`);
  return doors.filter((_, index) => running[index]);
}

async function untilAll(doors: Door[], accepted: string[], refused: string[]): Promise<void> {
  const deadline = Date.now() + RELOAD_MS_MAX;
  for (const door of doors) {
    while (!(await hasTaken(door, accepted, refused))) {
      if (Date.now() > deadline) throw new Error(`${door.service} has not read its tokens anew; its log says why.`);
      await delay(POLL_MS);
    }
  }
}

async function hasTaken({ url }: Door, accepted: string[], refused: string[]): Promise<boolean> {
  // Every path but /health is gated, also one that is none; the answer behind the gate is of no interest.
  const isRefused = async (token: string) => (await statusOf(`${url}/`, token)) === 401;
  const states = await Promise.all([...accepted, ...refused].map(isRefused));
  return states.every((state, index) => state === index >= accepted.length);
}

/** @returns 0 where nobody answers */
async function statusOf(url: string, token?: string): Promise<number> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const answer = await fetch(url, { headers }).catch(() => undefined);
  await answer?.body?.cancel();
  return answer?.status ?? 0;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
