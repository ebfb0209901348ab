import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ErrorCode, isErrorCode, type ServiceName } from "@lakehouse/contracts";

const root = join(import.meta.dirname, "../../..");

/** Codes that a service's own sources make errors of, whether a route lets them out or not. */
export function thrownCodes(service: ServiceName): Set<ErrorCode> {
  const files = globSync(`services/${service}/src/**/*.ts`, { cwd: root }).filter((file) => !file.endsWith(".test.ts"));
  const sources = files.map((file) => readFileSync(join(root, file), "utf8"));
  const found = sources.flatMap((source) => [...source.matchAll(/(?:Error|[rR]efusal)\(\s*"([a-z_]+)"/g)]);
  return new Set(found.map(([, code]) => code!).filter(isErrorCode));
}
