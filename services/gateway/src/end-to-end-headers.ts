import type { IncomingHttpHeaders } from "node:http";

/** RFC 9110 §7.6.1: of this connection only. `expect` too: `forward` answers it, and undici refuses it. */
const hopByHop = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * The headers that go on to the next hop: all but those of this connection, and those that `connection` names.
 * @param others that stay behind
 */
export function endToEnd(
  headers: IncomingHttpHeaders,
  others: ReadonlySet<string> = new Set(),
): Record<string, string | string[]> {
  const named = String(headers.connection ?? "")
    .toLowerCase()
    .split(/[\s,]+/);
  const kept: Record<string, string | string[]> = {};
  for (const name in headers) {
    if (!hopByHop.has(name) && !others.has(name) && !named.includes(name)) kept[name] = headers[name]!;
  }
  return kept;
}
