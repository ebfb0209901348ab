/**
 * Reads an `If-None-Match` header (RFC 9110 §13.1.2): a list of ETags, or `*`. A weak one counts as the strong one, as the
 * RFC wants it for this header. What is no ETag, such as a hash without its quotes, is taken as one that lost them.
 */
export function parseEntityTags(header: string | undefined): readonly string[] | "*" | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === "*") return "*";
  const tags = header.match(/"[^"]*"|[^\s,"]+/g) ?? [];
  return tags.filter((tag) => tag !== "W/").map((tag) => (tag.startsWith('"') ? tag : `"${tag}"`));
}

/** Whether a caller who holds the objects with these ETags holds this one. */
export function isHeld(etag: string, held: readonly string[] | "*"): boolean {
  return held === "*" || held.includes(etag);
}
