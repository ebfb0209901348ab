import { openPool } from "@lakehouse/clients";
import type { ServiceName } from "@lakehouse/contracts";
import type { Config } from "@lakehouse/server";
import type { Pool } from "undici";

/** A service behind the gateway, with the pool of connections to it. */
export interface Upstream {
  service: ServiceName;
  /** As configured. */
  url: string;
  /** Sub-path of that URL, without a slash at the end: every forwarded path starts with it. */
  basePath: string;
  pool: Pool;
}

/** What each service serves: a subtree, or a path with what may follow it. Clients of OpenAI's API read errors in its shape alone. */
export const prefixes = [
  { prefix: "/storage", service: "storaged", bare: false },
  { prefix: "/catalog", service: "catalogd", bare: false },
  { prefix: "/ingest", service: "ingestd", bare: true },
  { prefix: "/sql", service: "queryd", bare: true },
  { prefix: "/vectors", service: "vectord", bare: false },
  { prefix: "/embed", service: "embedd", bare: true },
  { prefix: "/pathway", service: "pathwayd", bare: false },
  { prefix: "/matrix", service: "matrixd", bare: false },
  { prefix: "/chat", service: "chatd", bare: true },
  { prefix: "/chat/completions", service: "chatd", bare: true, errors: "openai" },
  { prefix: "/models", service: "chatd", bare: true, errors: "openai" },
  { prefix: "/embeddings", service: "embedd", bare: true, errors: "openai" },
] as const satisfies { prefix: string; service: ServiceName; bare: boolean; errors?: "openai" }[];

type UpstreamName = (typeof prefixes)[number]["service"];
export type Upstreams = Record<UpstreamName, Upstream>;

/** Opens a pool a service; nothing connects before the first request. */
export function openUpstreams(gateway: Config["gateway"]): Upstreams {
  const services = new Set(prefixes.map(({ service }) => service));
  const entries = [...services].map((service) => [service, openUpstream(service, gateway[`${service}_url`], gateway)]);
  return Object.fromEntries(entries) as Upstreams;
}

function openUpstream(service: UpstreamName, url: string, gateway: Config["gateway"]): Upstream {
  const { request_timeout: timeoutMs } = gateway;
  return { service, url, ...openPool(url, { headersTimeout: timeoutMs, bodyTimeout: timeoutMs }) };
}

export async function closeUpstreams(upstreams: Upstreams): Promise<void> {
  await Promise.all(Object.values(upstreams).map(({ pool }) => pool.destroy()));
}
