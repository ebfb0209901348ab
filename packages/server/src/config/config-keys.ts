import { z } from "zod";

/** One key of `lakehouse.toml`: its default, what it accepts, and what a person should know. */
export interface ConfigKey<T> {
  readonly default: T;
  /** What a valid value is, in words: the end of "…expects …". */
  readonly expects: string;
  readonly about: string;
  /** The value as TOML gives it; undefined where it is not valid. */
  readonly parse: (value: unknown) => T | undefined;
  /** Where in a value that is not valid the fault lies; none where it is all of it. */
  readonly faultIn?: (value: unknown) => ConfigFault | undefined;
  /** What TOML would have given for the text of an environment variable. */
  readonly fromText: (text: string) => unknown;
  /** Never shown in an error or a log. */
  readonly secret: boolean;
  /** A folder (or a file in one) that `scripts/up --data` moves under its own. */
  readonly folder: boolean;
  /** Names a file that holds secrets: a service does not start while others can read it. */
  readonly privateFile: boolean;
}

export interface ConfigFault {
  /** Path from the key, such as `[0].backend`. */
  at: string;
  value: unknown;
  /** Where it is a name that nobody knows: those that are, with the path that leads to them. */
  known?: string[];
  /** What is expected there, where that is more than what the whole key expects. */
  expects?: string;
  /** The value there is a secret. */
  hidden?: boolean;
}

export type ValueOf<K> = K extends ConfigKey<infer T> ? T : never;

const asText = (text: string): unknown => text;

interface Flags {
  secret?: boolean;
  folder?: boolean;
  privateFile?: boolean;
}

function key<T>(
  about: string,
  fallback: T,
  expects: string,
  parse: ConfigKey<T>["parse"],
  fromText: ConfigKey<T>["fromText"],
  { secret = false, folder = false, privateFile = false }: Flags = {},
): ConfigKey<T> {
  return { about, default: fallback, expects, parse, fromText, secret, folder, privateFile };
}

export function text(about: string, fallback: string, flags?: Flags): ConfigKey<string> {
  const parse = (value: unknown) => (typeof value === "string" ? value : undefined);
  return key(about, fallback, "a text", parse, asText, flags);
}

export function choice<const C extends readonly string[]>(
  about: string,
  choices: C,
  fallback: C[number],
): ConfigKey<C[number]> {
  const parse = (value: unknown) => choices.find((one) => one === value);
  return key(about, fallback, `one of ${choices.map((one) => `"${one}"`).join(", ")}`, parse, asText);
}

export function flag(about: string, fallback: boolean): ConfigKey<boolean> {
  const parse = (value: unknown) => (typeof value === "boolean" ? value : undefined);
  const fromText = (given: string) => (given === "true" ? true : given === "false" ? false : given);
  return key(about, fallback, "true or false", parse, fromText);
}

export function count(about: string, fallback: number, min = 0): ConfigKey<number> {
  const parse = (value: unknown) => (Number.isSafeInteger(value) && Number(value) >= min ? Number(value) : undefined);
  return key(about, fallback, `a whole number of at least ${min}`, parse, numberFromText);
}

export function fraction(about: string, fallback: number, max: number): ConfigKey<number> {
  const parse = (value: unknown) => (typeof value === "number" && value >= 0 && value <= max ? value : undefined);
  return key(about, fallback, `a number from 0 to ${max}`, parse, numberFromText);
}

const byteUnits: Record<string, number> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** Bytes: an integer, or a text such as `"256 MiB"`. */
export function size(about: string, fallback: string): ConfigKey<number> {
  return key(about, parseSize(fallback)!, 'bytes, such as 268435456 or "256 MiB"', parseSize, numberFromText);
}

export function parseSize(value: unknown): number | undefined {
  return parseQuantity(value, /^(\d+(?:\.\d+)?) ?([A-Za-z]+)$/, byteUnits, 1);
}

const durationUnits: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Longest duration that a Node timer can hold (2^31 - 1 ms, 24 days). */
const DURATION_MS_MAX = 2 ** 31 - 1;

/** Milliseconds, from a text such as `"30s"`; a plain 0 is allowed too. */
export function duration(about: string, fallback: string): ConfigKey<number> {
  const expects = 'a duration, such as "500ms", "30s" or "5m", of at most 24 days';
  return key(about, parseDuration(fallback)!, expects, parseDuration, numberFromText);
}

export function parseDuration(value: unknown): number | undefined {
  const ms = parseQuantity(value, /^(\d+(?:\.\d+)?) ?(ms|s|m|h|d)$/, durationUnits, undefined);
  return ms !== undefined && ms <= DURATION_MS_MAX ? ms : undefined;
}

function parseQuantity(value: unknown, pattern: RegExp, units: Record<string, number>, plainUnit: number | undefined) {
  if (value === 0) return 0;
  if (typeof value === "number") {
    return plainUnit !== undefined && Number.isSafeInteger(value) && value >= 0 ? value * plainUnit : undefined;
  }
  const [, amount, unit] = (typeof value === "string" && pattern.exec(value)) || [];
  const factor = unit === undefined ? undefined : Object.hasOwn(units, unit) ? units[unit] : undefined;
  const whole = factor === undefined ? Number.NaN : Math.round(Number(amount) * factor);
  return Number.isSafeInteger(whole) ? whole : undefined;
}

function numberFromText(given: string): unknown {
  return /^\d+(\.\d+)?$/.test(given) ? Number(given) : given;
}

/** `host:port`; an IPv6 host stands in brackets; port 0 takes a free one. */
export function address(about: string, fallback: string): ConfigKey<string> {
  const parse = (value: unknown) => (typeof value === "string" && parseAddress(value) ? value : undefined);
  return key(about, fallback, 'an address "host:port"', parse, asText);
}

/** @returns host without brackets, and port; undefined where `value` is not `host:port` */
export function parseAddress(value: string): { host: string; port: number } | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s/]+)):(\d{1,5})$/.exec(value) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host !== undefined && port <= 65_535 ? { host, port } : undefined;
}

/** `http://host[:port][/sub-path]`, kept without a slash at the end. Empty where `optional`. */
export function url(about: string, fallback: string, { optional = false } = {}): ConfigKey<string> {
  const parse = (value: unknown) => (optional && value === "" ? "" : parseHttpUrl(value));
  const expects = `a URL with scheme and host, such as "http://127.0.0.1:3211"${optional ? ", or an empty text" : ""}`;
  const faultIn = (value: unknown) =>
    typeof value === "string" ? { at: "", value: withoutCredentials(value) } : undefined;
  return { ...key(about, fallback, expects, parse, asText), faultIn };
}

/** What stands before the @ of a URL's host is a secret, and the line that refuses it goes to a log. */
function withoutCredentials(value: string): string {
  return value.replace(/(?<=:\/\/)[^/]*@/, "(hidden)@");
}

function parseHttpUrl(value: unknown): string | undefined {
  if (typeof value !== "string" || !/^https?:\/\/[^/]/.test(value)) return undefined;
  const parsed = URL.parse(value);
  if (!parsed || parsed.search || parsed.hash || parsed.username || parsed.password) return undefined;
  return value.replace(/\/+$/, "");
}

export function textList(about: string, fallback: string[], flags?: Flags): ConfigKey<string[]> {
  const parse = (value: unknown) =>
    Array.isArray(value) && value.every((one) => typeof one === "string") ? value : undefined;
  const fromText = (given: string) =>
    given
      .split(",")
      .map((one) => one.trim())
      .filter((one) => one !== "");
  return key(about, fallback, "a list of texts", parse, fromText, flags);
}

/** A list of texts that each pass `read`, which gives them in their canonical form. */
export function checkedList(
  about: string,
  expects: string,
  read: (text: string) => string | undefined,
): ConfigKey<string[]> {
  const list = textList(about, []);
  const parse = (value: unknown) => {
    const texts = list.parse(value)?.map(read);
    return texts?.every((text) => text !== undefined) ? (texts as string[]) : undefined;
  };
  const faultIn = (value: unknown) => {
    const texts = list.parse(value);
    return texts && { at: "", value: texts.map(withoutCredentials) };
  };
  return { ...list, expects, parse, faultIn };
}

interface TableOptions {
  /** The field by which tables are told apart. */
  distinct?: string;
  /** A field that is never shown. */
  secret?: string;
}

/** An array of tables, such as `[[storaged.buckets]]`; the environment gives it as JSON. */
export function tables<T extends z.ZodType>(
  about: string,
  schema: T,
  expects: string,
  fallback: z.output<T>[],
  { distinct, secret }: TableOptions = {},
): ConfigKey<z.output<T>[]> {
  const list = schema.array().superRefine((items, { addIssue }) => {
    for (const { position, message } of distinct === undefined ? [] : repetitions(items, distinct)) {
      addIssue({ code: "custom", path: [position, distinct!], message });
    }
  });
  const parse = (value: unknown) => {
    const result = list.safeParse(value);
    return result.success ? result.data : undefined;
  };
  const faultIn = (value: unknown) => {
    const issue = list.safeParse(value).error?.issues[0];
    const fault = issue && faultOf(issue, value, namesOf(schema));
    const field = /^\[\d+\]\.(\w+)/.exec(fault?.at ?? "")?.[1];
    return fault && { ...fault, hidden: secret !== undefined && (field === undefined || field === secret) };
  };
  return { ...key(about, fallback, expects, parse, fromJson, { secret: secret !== undefined }), faultIn };
}

function repetitions(items: readonly unknown[], field: string): { position: number; message: string }[] {
  const values = items.map((item) => (item as Record<string, unknown>)[field]);
  const positions = values.flatMap((value, position) => (values.indexOf(value) < position ? [position] : []));
  return positions.map((position) => ({ position, message: `a ${field} that no other table has` }));
}

function faultOf(issue: z.core.$ZodIssue, value: unknown, names: string[]): ConfigFault | undefined {
  if (issue.path.length === 0) return undefined;
  const at = issue.path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
  const inner = issue.path.reduce<unknown>((part, step) => (part as Record<PropertyKey, unknown>)[step], value);
  if (issue.code === "custom") return { at, value: inner, expects: issue.message };
  if (issue.code !== "unrecognized_keys") return { at, value: inner };
  return { at: `${at}.${issue.keys[0]}`, value: inner, known: names.map((name) => `${at}.${name}`) };
}

/** Of the fields of a table, whichever of its kinds it is. */
function namesOf(schema: z.ZodType): string[] {
  if (schema instanceof z.ZodDiscriminatedUnion) return schema.options.flatMap((one) => namesOf(one as z.ZodType));
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function fromJson(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch {
    return given; // not JSON: refused by `parse`, which words the error
  }
}
