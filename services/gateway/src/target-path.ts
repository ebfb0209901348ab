import { LakehouseError } from "@lakehouse/contracts";

/**
 * The path to ask an upstream for: `/v1` off, the upstream's sub-path on, every byte between as the client sent it.
 * @param url path and query as they stood on the request line
 * @throws LakehouseError `invalid_request` where dot segments would climb out of the upstream's sub-path
 */
export function targetPath(url: string, basePath: string): string {
  const [path = ""] = url.slice("/v1".length).split("?", 1);
  if (basePath !== "" && climbsOut(path)) {
    throw new LakehouseError("invalid_request", "The path climbs out of the service with its .. segments.");
  }
  return basePath + url.slice("/v1".length);
}

/** Servers differ in what they take for a dot and for a slash, so every spelling that one of them takes is looked at. */
function climbsOut(path: string): boolean {
  let depth = 0;
  for (const segment of path.replaceAll(/%2e/gi, ".").split(/\/|\\|%2f|%5c/i)) {
    if (segment === "..") depth -= 1;
    else if (segment !== "" && segment !== ".") depth += 1;
    if (depth < 0) return true;
  }
  return false;
}
