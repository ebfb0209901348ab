import { type ServiceName, serviceNames } from "@lakehouse/contracts/common";
import type { ConfigKey } from "./config-keys.ts";
import { type Config, configSchema } from "./config-schema.ts";
import { assertPrivateFile } from "./private-file.ts";

const schema: Record<string, Record<string, ConfigKey<unknown>>> = configSchema;

/**
 * Checks every file with secrets that a service is configured with, also one that it has no need of today: the sections that
 * all share, and its own.
 * @throws ConfigError naming the first key whose file others can read
 */
export function assertPrivateFiles(service: ServiceName, config: Config): void {
  for (const { name, path } of privateFiles(service, config)) if (path !== "") assertPrivateFile(name, path);
}

function privateFiles(service: ServiceName, config: Config): { name: string; path: string }[] {
  const values: Record<string, Record<string, unknown>> = config;
  return Object.entries(schema)
    .filter(([section]) => section === service || !serviceNames.some((other) => other === section))
    .flatMap(([section, keys]) =>
      Object.entries(keys)
        .filter(([, key]) => key.privateFile)
        .map(([key]) => ({ name: `${section}.${key}`, path: String(values[section]![key]) })),
    );
}
