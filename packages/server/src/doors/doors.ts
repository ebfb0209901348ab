import type { IncomingHttpHeaders } from "node:http";
import { LakehouseError } from "@lakehouse/core";
import type { FastifyRequest } from "fastify";
import { parseAddress } from "../config/config-keys.ts";
import { type Config, configSchema } from "../config/config-schema.ts";
import { canonicalHostName, canonicalOrigin, hostOf, isIpLiteral, isLocalhost } from "../config/host-names.ts";
import type { Platform } from "../process/platform.ts";

/**
 * Without a token every web page that somebody on this machine opens could call. So, where none is configured, a request is
 * taken only under a name of ours, against DNS rebinding, and from pages of ours alone.
 * @returns throws LakehouseError `forbidden_host`, `forbidden_origin`
 */
export function doors({ auth, config, service }: Platform): (request: FastifyRequest) => void {
  const hosts = knownHosts(config, config[service].bind);
  const origins = new Set(config.server.origins);
  return ({ raw: { headers }, method, originalUrl }) => {
    if (auth.credentials.length > 0) return;
    assertHost(headers, hosts);
    if (headers.origin === undefined) assertFetchSite(headers, method, originalUrl);
    else assertOrigin(headers.origin, headers.host, origins);
  };
}

/** Names of the configuration under which services reach each other, and those that `server.hosts` adds. */
function knownHosts(config: Config, bind: string): ReadonlySet<string> {
  const peers = Object.entries(config).flatMap(([section, values]) =>
    Object.entries(values)
      .filter(([key]) => isPeerUrl(section, key))
      .map(([, url]) => URL.parse(String(url))?.hostname ?? ""),
  );
  const own = parseAddress(bind)?.host ?? "";
  const names = [own, ...peers].map(canonicalHostName).filter((name) => name !== undefined);
  return new Set([...names, ...config.server.hosts]);
}

/** `<service>_url`: where one of our own services is. */
function isPeerUrl(section: string, key: string): boolean {
  return key.endsWith("d_url") && section in configSchema && key.slice(0, -"_url".length) in configSchema;
}

function assertHost({ host: sent }: IncomingHttpHeaders, hosts: ReadonlySet<string>): void {
  if (sent === undefined) return; // HTTP/1.0; a browser always sends one
  const host = hostOf(sent);
  if (isIpLiteral(host) || isLocalhost(host) || hosts.has(host)) return;
  const sentence = `The Host ${JSON.stringify(sent)} is not a name of this service; add it to server.hosts, or set a token.`;
  throw new LakehouseError("forbidden_host", sentence);
}

/** `null`, which a page in a sandbox sends, is no origin. */
function assertOrigin(origin: string, host: string | undefined, origins: ReadonlySet<string>): void {
  const canonical = canonicalOrigin(origin);
  if (canonical === undefined) throw foreign();
  if (origins.has(canonical) || (host !== undefined && canonical === canonicalOrigin(`http://${host}`))) return;
  throw foreign();
}

/**
 * Browsers leave `Origin` out of some requests, and then say in these headers where they come from. A link that leads here may be
 * followed, in a tab of its own: in a frame the page could be dressed as something else.
 */
function assertFetchSite(headers: IncomingHttpHeaders, method: string, originalUrl: string): void {
  const { "sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": destination = "document" } = headers;
  if (site === undefined || !/cross-site|same-site/i.test(String(site))) return;
  const isPage = /^\/(?:ui\/[^#]*)?(?:\?|$)/.test(originalUrl);
  if (mode === "navigate" && destination === "document" && method === "GET" && isPage) return;
  throw foreign();
}

function foreign(): LakehouseError {
  const sentence = "Web pages of other origins may not call; add the page's origin to server.origins, or set a token.";
  return new LakehouseError("forbidden_origin", sentence);
}
