import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type ServiceName, serviceNames } from "@lakehouse/contracts";
import { loadConfig, parseAddress } from "@lakehouse/server";
import { readTokens, type Tokens, writeTokens } from "./token-file.ts";

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
  /** Ends only when every service has taken it: no service ever sends what a peer does not accept. */
  const bringIntoForce = async (tokens: Tokens) => {
    const writtenAt = Date.now() / 1_000;
    writeTokens(envFile, tokens);
    reload();
    await untilAllRead(doors, tokens.primary, writtenAt);
  };
  if (step === "begin") await begin(envFile, bringIntoForce);
  else await finish(envFile, bringIntoForce);
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

async function begin(envFile: string, bringIntoForce: (tokens: Tokens) => Promise<void>): Promise<void> {
  const { primary: old, secondary } = readTokens(envFile);
  if (secondary.length > 0)
    throw new Error(`${envFile} has secondary tokens: a rotation is under way; finish it first.`);
  const fresh = randomBytes(TOKEN_BYTES).toString("hex");
  await bringIntoForce({ primary: old, secondary: [fresh] });
  say("1 of 2: every service accepts the new token beside the old one");
  await bringIntoForce({ primary: fresh, secondary: [old] });
  say(
    `2 of 2: services use the new token among themselves; give it to your clients (it is in ${envFile}), then finish`,
  );
}

async function finish(envFile: string, bringIntoForce: (tokens: Tokens) => Promise<void>): Promise<void> {
  const { primary, secondary } = readTokens(envFile);
  if (secondary.length === 0) throw new Error(`${envFile} has no secondary token: no rotation is under way.`);
  await bringIntoForce({ primary, secondary: [] });
  say("done: the old token is refused everywhere");
}

/** Services that do not run are left out: they read the file when they start. */
async function runningDoors(configPath: string): Promise<Door[]> {
  const { config } = loadConfig(configPath, process.env);
  const doors = serviceNames.map((service) => {
    const { host, port } = parseAddress(config[service].bind)!;
    return { service, url: `http://${host.includes(":") ? `[${host}]` : host}:${port}` };
  });
  const running = await Promise.all(doors.map(async ({ url }) => (await get(`${url}/health`)) !== undefined));
  const asleep = doors.filter((_, index) => !running[index]);
  if (asleep.length > 0) say(`not running: ${asleep.map(({ service }) => service).join(", ")}`);
  return doors.filter((_, index) => running[index]);
}

async function untilAllRead(doors: Door[], token: string, since: number): Promise<void> {
  const deadline = Date.now() + RELOAD_MS_MAX;
  for (const { service, url } of doors) {
    while ((await readAt(url, token)) < since) {
      if (Date.now() > deadline) throw new Error(`${service} has not read its tokens anew; its log says why.`);
      await delay(POLL_MS);
    }
  }
}

/** @returns when the service last read its tokens, in Unix time; 0 where it refuses this one or does not answer */
async function readAt(url: string, token: string): Promise<number> {
  const figures = await get(`${url}/metrics`, token);
  return Number(/^auth_read_timestamp_seconds{.*} (.+)$/m.exec(figures ?? "")?.[1] ?? 0);
}

/** @returns undefined where the answer is not 200 or none comes */
async function get(url: string, token?: string): Promise<string | undefined> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  // One that can't be reached has not answered; who waits asks again.
  const answer = await fetch(url, { headers }).catch(() => undefined);
  return answer?.ok ? answer.text() : undefined;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
