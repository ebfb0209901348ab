import type { ByteRange, RangeRequest } from "@lakehouse/core";

/**
 * Reads a `Range` header (RFC 9110 §14.2): `bytes=0-99`, `bytes=100-` or `bytes=-100`.
 * @returns undefined for anything else, several ranges included: the RFC lets us answer those with the whole object
 */
export function parseRange(header: string | undefined): RangeRequest | undefined {
  const [, first, last] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined) return undefined;
  if (first === "") return last === "" ? undefined : { suffix: position(last) };
  if (last === "") return { start: position(first) };
  return position(last) < position(first) ? undefined : { start: position(first), end: position(last) };
}

/** Some clients write 2^63 - 1 for the end. */
function position(digits: string): number {
  return Math.min(Number(digits), Number.MAX_SAFE_INTEGER);
}

/** The inverse of `parseRange`. */
export function formatRange(range: RangeRequest): string {
  return "suffix" in range ? `bytes=-${range.suffix}` : `bytes=${range.start}-${range.end ?? ""}`;
}

/** What of an object of `size` bytes a request means; undefined where it has no such byte. */
export function resolveRange(range: RangeRequest, size: number): ByteRange | undefined {
  const start = "suffix" in range ? Math.max(size - range.suffix, 0) : range.start;
  const end = "suffix" in range ? size - 1 : Math.min(range.end ?? size - 1, size - 1);
  return start <= end ? { start, end } : undefined;
}
