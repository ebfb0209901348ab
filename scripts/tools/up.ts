import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
// These alone, not their whole packages: the services wait until this process has loaded its own code.
import { type ServiceName, serviceNames } from "@lakehouse/contracts/common";
import { readCredentials } from "@lakehouse/server/auth/credentials";
import { ConfigError, variableFor } from "@lakehouse/server/config";
import { parseAddress } from "@lakehouse/server/config-keys";
import { type Config, configSchema } from "@lakehouse/server/config-schema";
import { readSettings, type Settings } from "@lakehouse/server/settings";

const root = resolve(import.meta.dirname, "../..");
const USAGE = "usage: scripts/up [-config FILE] [--data DIR]";
const READY_MS_MAX = 60_000;
const POLL_MS = 50;

const running = new Map<ServiceName, ChildProcess>();
let stopping = false;

try {
  await up();
} catch (error) {
  process.stderr.write(
    `scripts/up: ${error instanceof ConfigError ? "configuration: " : ""}${(error as Error).message}\n`,
  );
  await stopAll();
  process.exitCode = 1;
}

async function up(): Promise<void> {
  const { configPath, dataDir } = readArguments();
  const settings = readSettings(configPath, process.env);
  const environment = { ...process.env, ...(dataDir === undefined ? {} : foldersUnder(dataDir, settings.given)) };
  process.on("SIGINT", stopAll).on("SIGTERM", stopAll).on("SIGHUP", stopAll);
  // In dependency order; each comes up by itself and waits for its peers in the background.
  const services = serviceNames.filter((service) => existsSync(entryOf(service)));
  for (const service of services) run(service, configPath, environment);
  await Promise.all(services.map((service) => untilReady(service, settings)));
  if (stopping) return;
  if (tokenOf(settings) === "") process.stdout.write(`${openDoor(settings, configPath)}\n`);
  process.stdout.write(`lakehouse ready ${originOf("gateway", settings.config)}\n`);
}

/** Said last, where it is still on the screen: a fresh installation asks nobody for a token. */
function openDoor({ config: { auth } }: Settings, configPath: string | undefined): string {
  const file = configPath === undefined ? "" : `, or auth.token in ${configPath},`;
  const remedy = `Set ${auth.token_env} in ${auth.env_file || "the environment"}${file} and start again.`;
  return `No token is set: every program on this machine may read and change all data. ${remedy}`;
}

function readArguments(): { configPath: string | undefined; dataDir: string | undefined } {
  const args = process.argv.slice(2).map((arg) => arg.replace(/^-config(?=$|=)/, "--config"));
  const options = {
    config: { type: "string" },
    data: { type: "string" },
    help: { type: "boolean", short: "h" },
  } as const;
  const { values } = parseArgs({ args, options });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    process.exit(0);
  }
  const fallback = process.env["LAKEHOUSE_CONFIG"] || join(root, "lakehouse.toml");
  return { configPath: resolve(values.config ?? fallback), dataDir: values.data && resolve(values.data) };
}

/** Every folder that neither the file nor the environment sets, moved under `dataDir`. */
function foldersUnder(dataDir: string, given: ReadonlySet<string>): NodeJS.ProcessEnv {
  const entries = Object.entries(configSchema).flatMap(([section, keys]) =>
    Object.entries(keys)
      .filter(([name, key]) => key.folder && !given.has(`${section}.${name}`))
      .map(([name, key]) => [variableFor(section, name), join(dataDir, String(key.default).replace(/^\.data\//, ""))]),
  );
  return Object.fromEntries(entries);
}

function run(service: ServiceName, configPath: string | undefined, env: NodeJS.ProcessEnv): void {
  const args = [entryOf(service), ...(configPath === undefined ? [] : ["-config", configPath])];
  // A group of its own: Ctrl-C reaches this process alone, which then stops each service with one signal, not two.
  const child = spawn(process.execPath, args, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  running.set(service, child);
  const prefix = service.padEnd("pathwayd".length);
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => process.stdout.write(`${prefix} | ${line}\n`));
  }
  child.on("exit", (code, signal) => {
    running.delete(service);
    if (stopping) return;
    process.stderr.write(`scripts/up: ${service} ended (${signal ?? `exit ${code}`}); the others are stopped.\n`);
    process.exitCode = 1;
    void stopAll();
  });
}

async function untilReady(service: ServiceName, settings: Settings): Promise<void> {
  const deadline = Date.now() + READY_MS_MAX;
  while (!stopping) {
    if (await isReady(service, settings)) return;
    if (Date.now() > deadline) throw new Error(`${service} is not ready after ${READY_MS_MAX / 1_000} s.`);
    await delay(POLL_MS);
  }
}

async function isReady(service: ServiceName, settings: Settings): Promise<boolean> {
  const token = tokenOf(settings);
  const headers: Record<string, string> = token === "" ? {} : { authorization: `Bearer ${token}` };
  // Not up yet, or not ready: asked again until the deadline.
  const response = await fetch(`${originOf(service, settings.config)}/ready`, { headers }).catch(() => undefined);
  return response?.ok === true;
}

/** The token that services accept from each other; empty when none is asked for. */
function tokenOf({ config, environment }: Settings): string {
  return readCredentials(config.auth, environment).peerToken;
}

function originOf(service: ServiceName, config: Config): string {
  const { host, port } = parseAddress(config[service].bind)!;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** One signal each; resolves when all have ended. A service that hangs is its own supervisor's business: it has a grace period. */
async function stopAll(): Promise<void> {
  stopping = true;
  await Promise.all(
    [...running.values()].map(
      (child) =>
        new Promise<void>((done) => {
          child.once("exit", () => done());
          child.kill("SIGTERM");
        }),
    ),
  );
}

function entryOf(service: ServiceName): string {
  return join(root, "services", service, "src", "main.ts");
}
