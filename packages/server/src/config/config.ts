import { existsSync, readFileSync } from "node:fs";
import { parse as parseToml } from "smol-toml";
import type { ConfigFault, ConfigKey } from "./config-keys.ts";
import { type Config, configSchema } from "./config-schema.ts";

/** A configuration nobody could start with: one line naming the key, what it got and what it expects. */
export class ConfigError extends Error {}

const schema: Record<string, Record<string, ConfigKey<unknown>>> = configSchema;

/** `LAKEHOUSE_…` variables that are not keys of the file. */
const reservedVariables = new Set([
  "LAKEHOUSE_CONFIG",
  "LAKEHOUSE_ALLOW_NONLOOPBACK",
  // Of scripts/lakehouse, for the people who call from the same shell.
  "LAKEHOUSE_URL",
  "LAKEHOUSE_TOKEN",
  "LAKEHOUSE_TOKEN_FILE",
  "LAKEHOUSE_MODEL",
]);

export interface LoadedConfig {
  config: Config;
  /** `section.key` of all that the file or the environment sets. */
  given: ReadonlySet<string>;
  /** Sentences to log once the logger stands. */
  warnings: string[];
}

/**
 * Built-in defaults, then the TOML file, then `LAKEHOUSE_<SECTION>_<KEY>`.
 * @param path of the file; one that does not exist is a warning, undefined is none
 * @throws ConfigError for a value that is not valid or a key that nobody knows
 */
export function loadConfig(path: string | undefined, environment: NodeJS.ProcessEnv): LoadedConfig {
  const warnings: string[] = [];
  const given = new Set<string>();
  const config = structuredClone(defaults) as Record<string, Record<string, unknown>>;
  for (const [section, values] of readFile(path, warnings)) {
    const known = sectionNamed(section, isTable(values));
    if (!isTable(values)) throw new ConfigError(`[${section}] is ${show(values)}; expects a table of keys`);
    for (const [key, value] of Object.entries(values)) {
      config[section]![key] = checked(`${section}.${key}`, "", keyNamed(known, section, key), value);
      given.add(`${section}.${key}`);
    }
  }
  for (const { section, key, variable, text } of overrides(environment, warnings)) {
    const definition = keyNamed(schema[section]!, section, key, variable);
    config[section]![key] = checked(`${section}.${key}`, ` (from ${variable})`, definition, definition.fromText(text));
    given.add(`${section}.${key}`);
  }
  return { config: config as Config, given, warnings };
}

/** What is in force when nothing is set. */
export const defaults: Config = Object.fromEntries(
  Object.entries(schema).map(([section, keys]) => [
    section,
    Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, key.default])),
  ]),
) as Config;

/** The name of the environment variable that overrides a key. */
export function variableFor(section: string, key: string): string {
  return `LAKEHOUSE_${section}_${key}`.toUpperCase();
}

function readFile(path: string | undefined, warnings: string[]): [string, unknown][] {
  if (path === undefined) return [];
  if (!existsSync(path)) {
    warnings.push(`The configuration file ${path} does not exist; the built-in defaults are used.`);
    return [];
  }
  try {
    return Object.entries(parseToml(readFileSync(path, "utf8")));
  } catch (error) {
    const [firstLine] = (error as Error).message.split("\n");
    throw new ConfigError(`${path} can't be read: ${firstLine}`);
  }
}

function* overrides(environment: NodeJS.ProcessEnv, warnings: string[]) {
  for (const [variable, text] of Object.entries(environment)) {
    if (!variable.startsWith("LAKEHOUSE_") || reservedVariables.has(variable) || text === undefined) continue;
    const name = variable.slice("LAKEHOUSE_".length).toLowerCase();
    const section = Object.keys(schema).find((one) => name.startsWith(`${one}_`));
    if (section) yield { section, key: name.slice(section.length + 1), variable, text };
    else warnings.push(`The environment variable ${variable} names no section of the configuration; it is ignored.`);
  }
}

function sectionNamed(section: string, isTable: boolean) {
  if (Object.hasOwn(schema, section)) return schema[section]!;
  if (!isTable) throw new ConfigError(`${section} stands in no section; expects one before it, such as [server]`);
  throw new ConfigError(`[${section}] is not a section; the nearest is [${nearest(section, Object.keys(schema))}]`);
}

function keyNamed(keys: Record<string, ConfigKey<unknown>>, section: string, key: string, variable?: string) {
  if (Object.hasOwn(keys, key)) return keys[key]!;
  const near = nearest(key, Object.keys(keys));
  const hint = variable ? variableFor(section, near) : `${section}.${near}`;
  throw new ConfigError(`${variable ?? `${section}.${key}`} is not a key; the nearest is ${hint}`);
}

/** @param origin where the value comes from if not from the file, as a part of the sentence */
function checked(name: string, origin: string, key: ConfigKey<unknown>, value: unknown): unknown {
  const parsed = key.parse(value);
  if (parsed !== undefined) return parsed;
  const fault: ConfigFault = key.faultIn?.(value) ?? { at: "", value };
  const where = `${name}${fault.at}${origin}`;
  if (fault.known) {
    throw new ConfigError(`${where} is not a key; the nearest is ${name}${nearest(fault.at, fault.known)}`);
  }
  const shown = (fault.hidden ?? key.secret) && fault.value !== undefined ? "(hidden)" : show(fault.value);
  throw new ConfigError(`${where} is ${shown}; expects ${fault.expects ?? key.expects}`);
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function show(value: unknown): string {
  if (value === undefined) return "missing";
  const shown = typeof value === "bigint" ? String(value) : JSON.stringify(value);
  return shown.length > 120 ? `${shown.slice(0, 117)}…` : shown;
}

function nearest(name: string, candidates: string[]): string {
  const ranked = candidates.map((candidate) => ({ candidate, edits: editDistance(name, candidate) }));
  return ranked.reduce((best, one) => (one.edits < best.edits ? one : best)).candidate;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitute, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
