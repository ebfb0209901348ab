import { namePattern } from "@lakehouse/contracts";
import { VECTORS_PREFIX } from "@lakehouse/core";
import { SEQUENCE_MAX } from "../formats/limits.ts";

const FILE_SUFFIX = ".lhv1";
const LOG_PREFIX = `${VECTORS_PREFIX}wal/`;
/** So that the order of keys is the order of sequences, up to 2^53. */
const SEQUENCE_DIGITS = 16;

export function fileKey(name: string): string {
  return `${VECTORS_PREFIX}${name}${FILE_SUFFIX}`;
}

export function logPrefix(name: string): string {
  return `${LOG_PREFIX}${name}/`;
}

export function recordKey(name: string, sequence: number): string {
  return `${logPrefix(name)}${String(sequence).padStart(SEQUENCE_DIGITS, "0")}`;
}

/** What a key under `_vectors/` stands for; undefined where it is not one of ours. */
export function parseKey(key: string): { name: string; sequence: number | undefined } | undefined {
  if (key.startsWith(LOG_PREFIX)) {
    const [name = "", digits = "", ...rest] = key.slice(LOG_PREFIX.length).split("/");
    const sequence = Number(digits);
    const isRecord = namePattern.test(name) && /^\d{16}$/.test(digits) && rest.length === 0;
    return isRecord && sequence <= SEQUENCE_MAX ? { name, sequence } : undefined;
  }
  const name = key.slice(VECTORS_PREFIX.length, -FILE_SUFFIX.length);
  return key === fileKey(name) && namePattern.test(name) ? { name, sequence: undefined } : undefined;
}
