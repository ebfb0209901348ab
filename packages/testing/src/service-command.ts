import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ServiceName } from "@lakehouse/contracts";

const repository = fileURLToPath(new URL("../../../", import.meta.url));
/** As `scripts/up` has it. */
const compileCache = join(repository, "node_modules/.cache/code");

/** By section and key as in `lakehouse.toml`, such as `{ storaged: { data_dir: folder.path } }`. */
export type ServiceConfig = Record<string, Record<string, unknown>>;

export interface ServiceOptions {
  config?: ServiceConfig;
  environment?: Record<string, string>;
  /** To come back on the port of a process that ended; a free one unless told. */
  port?: number;
}

/** How a service is started, for callers that run it by other means than `startService`. */
export function serviceCommand(name: ServiceName, { config = {}, environment = {}, port = 0 }: ServiceOptions) {
  const env: NodeJS.ProcessEnv = {
    ...ownEnvironment(),
    // As scripts/up does.
    NODE_COMPILE_CACHE: compileCache,
    MALLOC_ARENA_MAX: "1",
    [variable(name, "bind")]: `127.0.0.1:${port}`,
    ...asEnvironment(config),
    ...environment,
  };
  return { file: process.execPath, args: [`services/${name}/src/main.ts`], options: { cwd: repository, env } };
}

/** What is set for the person who runs the tests must not reach the service under test. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const isForeign = (key: string) => /^(LAKEHOUSE_|AWS_)/.test(key) || key === "AUTH_TOKEN";
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !isForeign(key)));
}

function asEnvironment(config: ServiceConfig): Record<string, string> {
  const pairs = Object.entries(config).flatMap(([section, values]) =>
    Object.entries(values).map(([key, value]) => [variable(section, key), asText(value)] as const),
  );
  return Object.fromEntries(pairs);
}

function asText(value: unknown): string {
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) return value.join(",");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function variable(section: string, key: string): string {
  return `LAKEHOUSE_${section}_${key}`.toUpperCase();
}

/** The sections of all, where a key of a later one counts. */
export function mergeConfig(...configs: ServiceConfig[]): ServiceConfig {
  const sections = new Set(configs.flatMap((config) => Object.keys(config)));
  return Object.fromEntries(
    [...sections].map((section) => [section, Object.assign({}, ...configs.map((config) => config[section]))]),
  );
}
