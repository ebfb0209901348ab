import { LakehouseError } from "@lakehouse/contracts";

/** What a client, a proxy or a server may take for a slash. `%2F` is part of a segment: an object's key may have one. */
const separator = /\/|\\|%5c/i;
/** Behind a sub-path a proxy may decode before it normalises. */
const separatorBehindProxy = /\/|\\|%2f|%5c/i;

/**
 * The path to ask an upstream for: `/v1` off, the upstream's sub-path on, every byte between as the client sent it.
 * @param url path and query as they stood on the request line; the path begins with `/v1/<prefix>`
 * @throws LakehouseError `invalid_request` where dot segments would climb out of the prefix
 */
export function targetPath(url: string, basePath: string): string {
  const below = url.slice("/v1".length);
  const [path = ""] = below.split("?", 1);
  if (/[.%]/.test(path)) assertStaysBelow(path, basePath === "" ? separator : separatorBehindProxy);
  return basePath + below;
}

/** Servers differ in what they take for a dot and for a slash, so every spelling that one of them takes is looked at. */
function assertStaysBelow(path: string, separators: RegExp): void {
  const [, , ...segments] = path.replaceAll(/%2e/gi, ".").split(separators);
  let depth = 0;
  for (const segment of segments) {
    if (segment === "..") depth -= 1;
    else if (segment !== "" && segment !== ".") depth += 1;
    if (depth < 0)
      throw new LakehouseError("invalid_request", "The path climbs out of its route with its .. segments.");
  }
}
