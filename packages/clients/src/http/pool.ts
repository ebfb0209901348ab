import { Pool } from "undici";

const CONNECT_MS_MAX = 5_000;

/** @param url `http://host:port[/sub-path]`; every path of the peer starts with `basePath`, the sub-path without a slash at its end */
export function openPool(url: string, options: Pool.Options): { pool: Pool; basePath: string } {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connect: { timeout: CONNECT_MS_MAX }, ...options });
  return { pool, basePath: pathname.replace(/\/+$/, "") };
}

/** True if nobody took the connection in time: the peer is unavailable, and another try would wait as long again. */
export function isConnectTimeout(error: unknown): boolean {
  return codeOf(error) === "UND_ERR_CONNECT_TIMEOUT";
}

/** True if the peer took the request and fell silent. */
export function isSilence(error: unknown): boolean {
  return ["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"].includes(codeOf(error));
}

function codeOf(error: unknown): string {
  return (error as { code?: string } | undefined)?.code ?? "";
}
