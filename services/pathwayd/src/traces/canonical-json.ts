import { isRawNumber } from "./exact-json.ts";

/**
 * The one text of all JSON that is equal: no spaces, keys in the order of their UTF-16 code units, strings and numbers as
 * JavaScript writes them (RFC 8785). Numbers that no double can hold keep their spelling.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value !== "object" || value === null || isRawNumber(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(",")}}`;
}
