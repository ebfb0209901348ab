import { once } from "node:events";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { type Ready, readySchema, type ServiceName, serviceNames } from "@lakehouse/contracts";
import { eventually, layOut, mergeConfig, type ServiceConfig } from "@lakehouse/testing";
import { Daemon } from "./daemon.ts";

const READY_MS_MAX = 120_000;

export interface LakehouseOptions {
  /** Where everything is kept; it stays. */
  folder: string;
  /** By section and key, beyond addresses and folders. */
  config?: ServiceConfig;
  environment?: Record<string, string>;
  /** Where the services reach a peer, if not at its own address: a proxy that stands before it. */
  detours?: Partial<Record<ServiceName, string>>;
  /** Where each listens; free ones unless told. */
  ports?: Record<ServiceName, number>;
}

/** All services, each its own process, on fixed ports and one folder. */
export interface Lakehouse extends AsyncDisposable {
  daemons: Record<ServiceName, Daemon>;
  /** The gateway's address. */
  url: string;
  folder: string;
  logOf(service: ServiceName): string;
}

/** Starts every service; returns once all are healthy, not yet ready. */
export async function startLakehouse(options: LakehouseOptions): Promise<Lakehouse> {
  const { folder, environment = {} } = options;
  const ports = options.ports ?? (await fixedPorts());
  const config = configOf(options, ports);
  mkdirSync(folder, { recursive: true });
  const logOf = (service: ServiceName) => join(folder, `${service}.log`);
  const entries = serviceNames.map((name) => {
    closeSync(openSync(logOf(name), "a"));
    return [name, new Daemon(name, logOf(name), { config, environment, port: ports[name] })] as const;
  });
  const daemons = Object.fromEntries(entries) as Record<ServiceName, Daemon>;
  const all = Object.values(daemons);
  const stop = async () => void (await Promise.all(all.map((daemon) => daemon.stop("SIGKILL"))));
  try {
    await Promise.all(all.map((daemon) => daemon.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return { daemons, url: daemons.gateway.url, folder, logOf, [Symbol.asyncDispose]: stop };
}

/** Waits until every service says that all of it works: none degraded, and nothing done by hand. */
export async function untilReady({ daemons }: Lakehouse, timeoutMs = READY_MS_MAX): Promise<void> {
  await Promise.all(
    Object.values(daemons).map(({ name, url }) =>
      eventually(`${name} is ready`, async () => (await readinessOf(url)).status === "ok", timeoutMs),
    ),
  );
}

async function readinessOf(url: string): Promise<Ready> {
  return readySchema.parse(await (await fetch(`${url}/ready`)).json());
}

function configOf({ folder, config = {}, detours = {} }: LakehouseOptions, ports: Record<ServiceName, number>) {
  const wired = layOut(folder, (peer) => detours[peer] ?? `http://127.0.0.1:${ports[peer]}`);
  return mergeConfig(wired, { secrets: { path: join(folder, "secrets.toml") } }, config);
}

/** Below the ports that the kernel hands to outgoing connections: one of those could stand where a service comes back. */
export async function fixedPorts(): Promise<Record<ServiceName, number>> {
  const ports = new Set<number>();
  while (ports.size < serviceNames.length) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) ports.add(port);
  }
  return Object.fromEntries(serviceNames.map((name, index) => [name, [...ports][index]!])) as Record<
    ServiceName,
    number
  >;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return true;
  } catch {
    return false; // taken, which is what was asked
  } finally {
    server.close();
  }
}
