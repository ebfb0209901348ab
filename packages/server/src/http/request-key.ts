import { assertKey, LakehouseError } from "@lakehouse/core";

/** `/storage/<verb>/<key>`, also as a proxy would write it, with scheme and host before it. */
const objectPath = /^(?:https?:\/\/[^/]*)?\/[^/]*\/[^/]*\/(.*)$/is;

/**
 * The key that a request is about: what its URL has after `/storage/<verb>/` as it was sent, percent-decoded exactly once.
 * So `a%2Fb` is the key `a/b`, and `a%252Fb` is `a%2Fb`.
 * @throws LakehouseError `invalid_key`
 */
export function requestKey(originalUrl: string): string {
  const [path = ""] = originalUrl.split("?", 1);
  const key = decode(objectPath.exec(path)?.[1] ?? "");
  assertKey(key);
  return key;
}

/** curl sends `é` as its bare UTF-8 bytes, which Node hands on as Latin-1. */
function decode(encoded: string): string {
  try {
    return decodeURIComponent(
      new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(encoded, "latin1")),
    );
  } catch (error) {
    throw new LakehouseError("invalid_key", "The object key in the URL is not percent-encoded UTF-8.", {
      cause: error,
    });
  }
}
