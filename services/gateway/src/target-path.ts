import { LakehouseError } from "@lakehouse/core";

/** What a client, a proxy or a server may take for a slash. `%2F` is part of a segment: an object's key may have one. */
const separator = /\/|\\|%5c/i;
/** Behind a sub-path a proxy may decode before it normalises. */
const separatorBehindProxy = /\/|\\|%2f|%5c/i;

/**
 * The path to ask an upstream for: `/v1` off, the upstream's sub-path on, every byte between as the client sent it.
 * @param url path and query as they stood on the request line, where `/v1` may be percent-encoded
 * @throws LakehouseError `invalid_request` where dot segments would climb out of the prefix once a proxy has decoded the path
 */
export function targetPath(url: string, basePath: string): string {
  const below = belowVersion(url);
  const climb = basePath === "" ? undefined : climbIn(below, separatorBehindProxy);
  if (climb) throw climb;
  return basePath + below;
}

/** The refusal of a path whose dot segments climb out of `/v1/<first segment>`, whether or not there is a route of that name. */
export function climbOf(url: string): LakehouseError | undefined {
  return climbIn(belowVersion(url), separator);
}

/** What follows the first segment, however that segment is spelled: the router decodes `/%76%31/sql` too. */
export function belowVersion(url: string): string {
  const at = url.indexOf("/", 1);
  return at === -1 ? "" : url.slice(at);
}

/** Servers differ in what they take for a dot and for a slash, so every spelling that one of them takes is looked at. */
function climbIn(below: string, separators: RegExp): LakehouseError | undefined {
  const [path = ""] = below.split("?", 1);
  if (!/[.%]/.test(path)) return undefined;
  const [, , ...segments] = path.replaceAll(/%2e/gi, ".").split(separators);
  let depth = 0;
  for (const segment of segments) {
    if (segment === "..") depth -= 1;
    else if (segment !== "" && segment !== ".") depth += 1;
    if (depth < 0)
      return new LakehouseError("invalid_request", "The path climbs out of its route with its .. segments.");
  }
  return undefined;
}
