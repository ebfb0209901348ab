import { Gauge } from "prom-client";
import { authPolicy } from "../auth/auth-policy.ts";
import { parseAddress } from "../config/config-keys.ts";
import type { Settings } from "../config/settings.ts";
import { assertBindAllowed } from "./bind-gate.ts";
import type { Platform } from "./platform.ts";

/** SIGHUP: `[auth]` is taken anew, without a pause and without a request lost. All else of the configuration wants a restart. */
export function reloadAuthOnHangup(platform: Platform, read: () => Settings): void {
  const readAt = new Gauge({
    name: "auth_read_timestamp_seconds",
    help: "When [auth] was last read, in Unix time; scripts/rotate-token waits for it.",
    registers: [platform.registry],
  });
  readAt.setToCurrentTime();
  process.on("SIGHUP", () => {
    try {
      reload(platform, read());
      readAt.setToCurrentTime();
    } catch (error) {
      platform.logger.error({ err: error }, "[auth] can't be read anew; what was in force stays so");
    }
  });
}

function reload({ service, config, auth, logger }: Platform, { config: read, environment }: Settings): void {
  const warnings: string[] = [];
  const policy = authPolicy(read.auth, environment, warnings);
  assertBindAllowed(service, parseAddress(config[service].bind)!.host, policy.credentials.length > 0, environment);
  for (const warning of warnings) logger.warn(warning);
  Object.assign(auth, policy);
  logger.info({ tokens: policy.credentials.length }, "[auth] is read anew");
}
