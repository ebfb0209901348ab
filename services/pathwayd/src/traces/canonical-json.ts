import { isRawNumber } from "./exact-json.ts";

/**
 * The one text of all JSON that is equal: no spaces, keys in the order of their UTF-16 code units, strings and numbers as
 * JavaScript writes them (RFC 8785). Numbers that no double can hold keep their spelling.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value !== "object" || value === null || isRawNumber(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const object = value as Record<string, unknown>;
  const members = Object.keys(object)
    .sort((a, b) => (a < b ? -1 : 1))
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(object[key])}`);
  return `{${members.join(",")}}`;
}
