import { isRawNumber } from "./exact-json.ts";
import { CONTENT_DEPTH_MAX } from "./limits.ts";

/**
 * The one text of all JSON that is equal: no spaces, keys in the order of their UTF-16 code units, strings and numbers as
 * JavaScript writes them (RFC 8785). Numbers that no double can hold keep their spelling.
 * @throws RangeError where lists and objects stand in each other deeper than a content may
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (typeof value !== "object" || value === null || isRawNumber(value)) return JSON.stringify(value);
  if (depth >= CONTENT_DEPTH_MAX) throw new RangeError(`over ${CONTENT_DEPTH_MAX} lists and objects within each other`);
  if (Array.isArray(value)) return `[${value.map((member) => canonicalJson(member, depth + 1)).join(",")}]`;
  const object = value as Record<string, unknown>;
  const members = Object.keys(object)
    .sort((a, b) => (a < b ? -1 : 1))
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(object[key], depth + 1)}`);
  return `{${members.join(",")}}`;
}
