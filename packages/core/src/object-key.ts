import { LakehouseError } from "./lakehouse-error.ts";

export const KEY_BYTES_MAX = 1024;

/** Every data object of a dataset lives here, and the garbage collector looks nowhere else. */
export const DATASETS_PREFIX = "datasets/";
/** Indexes: a file each, and their logs. */
export const VECTORS_PREFIX = "_vectors/";

// biome-ignore lint/suspicious/noControlCharactersInRegex: C0, DEL and C1 are what this rejects.
const controlCharacters = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * The one place that says what an object key may be: 1 to 1024 bytes of UTF-8, no control
 * characters, no leading `/`, no empty, `.` or `..` segment. A store may refuse more (fs: long segments).
 * @throws LakehouseError `invalid_key`
 */
export function assertKey(key: string): void {
  const reason = keyFault(key);
  if (reason) throw new LakehouseError("invalid_key", `The object key ${reason}.`);
}

/** True if `assertKey` lets the key pass; for names that others gave, which are left out instead of refused. */
export function isKey(key: string): boolean {
  return keyFault(key) === undefined;
}

/** Prefixes that services own: everybody may read there, only services write. */
export const reservedPrefixes = [
  "_catalog/",
  VECTORS_PREFIX,
  "_iceberg/",
  "_results/",
  "_trash/",
  DATASETS_PREFIX,
] as const;

/** True if the key lies under a reserved prefix, or is its bare name: an object called `datasets` would block the folder. */
export function isReservedKey(key: string): boolean {
  return reservedPrefixes.some((prefix) => `${key}/`.startsWith(prefix));
}

/**
 * For writes by anybody but a service.
 * @throws LakehouseError `reserved_key`
 */
export function assertNotReserved(key: string): void {
  if (!isReservedKey(key)) return;
  const [folder] = key.split("/", 1);
  const sentence = `Keys under ${folder}/ belong to the services; they can be read, but not written or deleted.`;
  throw new LakehouseError("reserved_key", sentence);
}

/** True if some key can start with `prefix`. */
export function isKeyPrefix(prefix: string): boolean {
  return prefix === "" || isKey(prefix) || isKey(`${prefix}x`);
}

function keyFault(key: string): string | undefined {
  if (key === "") return "is empty";
  if (!key.isWellFormed()) return "is not well-formed Unicode";
  if (Buffer.byteLength(key) > KEY_BYTES_MAX) return `is over ${KEY_BYTES_MAX} bytes`;
  if (controlCharacters.test(key)) return "has a control character";
  if (key.startsWith("/")) return "starts with a slash";
  for (const segment of key.split("/")) {
    if (segment === "") return "has an empty segment";
    if (segment === "." || segment === "..") return `has a segment "${segment}"`;
  }
  return undefined;
}
