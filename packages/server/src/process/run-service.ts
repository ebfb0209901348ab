import { once } from "node:events";
import { createServer } from "node:net";
import { parseArgs } from "node:util";
import type { ServiceName } from "@lakehouse/contracts";
import { ConfigError } from "../config/config.ts";
import { parseAddress } from "../config/config-keys.ts";
import { assertPrivateFiles } from "../config/private-files.ts";
import { readSettings } from "../config/settings.ts";
import { openTracer } from "../telemetry/tracer.ts";
import { assertBindAllowed } from "./bind-gate.ts";
import { notifySystemd } from "./notify-systemd.ts";
import { createPlatform, type Platform } from "./platform.ts";
import { reloadAuthOnHangup } from "./reload-auth.ts";
import type { Service } from "./service.ts";
import { stopOnSignal } from "./shutdown.ts";
import { SilentConnections } from "./silent-connections.ts";

/**
 * Makes a process a daemon: configuration, bind gate, stores and app by `open`, listen, signals.
 * Exits 1 with one line on stderr where it can't start.
 */
export async function runService(name: ServiceName, open: (platform: Platform) => Promise<Service>): Promise<void> {
  try {
    await start(name, open);
  } catch (error) {
    process.stderr.write(`${name}: ${explain(error)}\n`);
    process.exit(1);
  }
}

async function start(name: ServiceName, open: (platform: Platform) => Promise<Service>): Promise<void> {
  const read = () => readSettings(configPath(), process.env);
  const { config, warnings, environment } = read();
  assertPrivateFiles(name, config);
  const platform = createPlatform(name, config, environment);
  for (const warning of warnings) platform.logger.warn(warning);
  const { host, port } = parseAddress(config[name].bind)!;
  assertBindAllowed(name, host, platform.auth.credentials.length > 0, process.env);
  await assertAddressFree(host, port);
  const tracer = await openTracer(name, config.telemetry, platform.logger);
  if (tracer) platform.tracer = tracer;

  const service = await open(platform);
  const silent = new SilentConnections(service.app.server);
  await service.app.listen({ host, port });
  stopOnSignal(service, platform, silent);
  reloadAuthOnHangup(platform, read);
  // Announced by who has all that it needs: one whose log can't be opened, say, ends here.
  await service.start?.();
  platform.logger.info({ address: service.app.listeningOrigin }, "listening");
  notifySystemd(`answers at ${service.app.listeningOrigin}`, process.env, platform.logger);
}

/**
 * Before anything is opened, swept or logged: where the address is taken, another process may be at work in the same folders.
 * The app itself listens only when it has all that it needs.
 * @throws the system's error, such as EADDRINUSE
 */
async function assertAddressFree(host: string, port: number): Promise<void> {
  const probe = createServer((socket) => socket.destroy()).listen({ host, port });
  await once(probe, "listening");
  probe.close();
  await once(probe, "close");
}

/** `-config FILE` as in the Go original, `--config FILE`, else `LAKEHOUSE_CONFIG`. */
function configPath(): string | undefined {
  const args = process.argv.slice(2).map((arg) => arg.replace(/^-config(?=$|=)/, "--config"));
  const { values } = parseArgs({ args, options: { config: { type: "string" } } });
  return values.config ?? (process.env["LAKEHOUSE_CONFIG"] || undefined);
}

function explain(error: unknown): string {
  if (error instanceof ConfigError) return `configuration: ${error.message}`;
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "EADDRINUSE" ? `the address is in use: ${message}` : message;
}
