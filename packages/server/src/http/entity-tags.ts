/**
 * Reads an `If-None-Match` header (RFC 9110 §13.1.2): a list of ETags, or `*`. A weak one counts as the strong one, as the RFC wants it
 * for this header. A word without quotes, such as a bare hash, is taken as an ETag that lost them.
 */
export function parseEntityTags(header: string | undefined): readonly string[] | "*" | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === "*") return "*";
  const tags = header.match(/"[^"]*"|(?<=^|[\s,])[^\s,"]+(?=$|[\s,])/g) ?? [];
  return tags.map((tag) => (tag.startsWith('"') ? tag : `"${tag}"`));
}

/** True if a caller who holds what has these ETags holds what has this one. */
export function isHeld(etag: string, held: readonly string[] | "*"): boolean {
  return held === "*" || held.includes(etag);
}

/** True if an `If-None-Match` header says that the client holds what has this ETag: answer 304 then. */
export function isNotModified(ifNoneMatch: string | undefined, etag: string): boolean {
  const held = parseEntityTags(ifNoneMatch);
  return held !== undefined && isHeld(etag, held);
}
