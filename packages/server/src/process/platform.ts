import type { ServiceName } from "@lakehouse/contracts";
import { pino } from "pino";
import type { Registry } from "prom-client";
import { type AuthPolicy, authPolicy } from "../auth/auth-policy.ts";
import { defaults } from "../config/config.ts";
import type { Config } from "../config/config-schema.ts";
import { createLogger, type Logger } from "../telemetry/logger.ts";
import { createRegistry } from "../telemetry/metrics.ts";
import type { Tracer } from "../telemetry/tracer.ts";

/** What every daemon stands on. */
export interface Platform {
  service: ServiceName;
  config: Config;
  logger: Logger;
  registry: Registry;
  auth: AuthPolicy;
  /** Bearer token for peers as it is now, since SIGHUP may change it; empty where there is none. */
  token: () => string;
  /** Where traces are on. */
  tracer?: Tracer;
}

export function createPlatform(service: ServiceName, config: Config, environment: NodeJS.ProcessEnv): Platform {
  const logger = createLogger(service, config.log.level);
  const warnings: string[] = [];
  const auth = authPolicy(config.auth, environment, warnings);
  for (const warning of warnings) logger.warn(warning);
  return { service, config, logger, registry: createRegistry(service), auth, token: () => auth.token };
}

export type ConfigOverrides = { [S in keyof Config]?: Partial<Config[S]> };

/** For tests: defaults with overrides, open, silent. */
export function testPlatform(service: ServiceName, overrides: ConfigOverrides = {}): Platform {
  const config = Object.fromEntries(
    Object.entries(defaults).map(([section, values]) => [
      section,
      { ...values, ...overrides[section as keyof Config] },
    ]),
  ) as Config;
  const auth = authPolicy(config.auth, {});
  const logger = pino({ level: "silent" });
  return { service, config, logger, registry: createRegistry(service), auth, token: () => auth.token };
}
