/**
 * Whether an `If-None-Match` header (RFC 9110 §13.1.2) says that the client holds what has this ETag: answer 304 then.
 * Compared weakly, as the RFC wants it for this header.
 */
export function isNotModified(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  const held: readonly string[] = ifNoneMatch.match(/"[^"]*"/g) ?? [];
  return held.includes(etag);
}
