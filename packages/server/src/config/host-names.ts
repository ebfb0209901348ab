import { isIPv4, isIPv6 } from "node:net";

const hostName = /^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/;

/** A host's name in lower case, without the dot that may end it; undefined for anything else, ports and wildcards included. */
export function canonicalHostName(text: string): string | undefined {
  const name = text.toLowerCase().replace(/\.$/, "");
  return hostName.test(name) && !name.includes("..") ? name : undefined;
}

/** `scheme://host[:port]` as browsers write it: lower case, without a default port; undefined for anything else. */
export function canonicalOrigin(text: string): string | undefined {
  const [, scheme = "", rest = ""] = /^(https?|[a-z][a-z0-9+.-]*):\/\/([^/?#@\s\\]+)$/i.exec(text) ?? [];
  if (rest === "" || rest.includes("*")) return undefined;
  if (!/^https?$/i.test(scheme)) return text.toLowerCase(); // a browser extension's
  const parsed = URL.parse(text);
  return parsed === null ? undefined : `${parsed.protocol}//${parsed.host.replace(/\.(?=$|:)/, "")}`;
}

/** The host of a `Host` header or of an address, without its port: a name in canonical form, or what stands there. */
export function hostOf(authority: string): string {
  const host = authority.replace(/:\d*$/, "").toLowerCase();
  return host.startsWith("[") ? host : host.replace(/\.$/, "");
}

/** Whether a host is an IP address in its one canonical form: `127.1` and `0x7f.1` are names that a resolver may answer. */
export function isIpLiteral(host: string): boolean {
  if (isIPv4(host)) return true;
  const address = /^\[(.+)\]$/.exec(host)?.[1];
  if (address === undefined || !isIPv6(address)) return false;
  return URL.parse(`http://${host}`)?.hostname === host || /^::ffff:\d+\.\d+\.\d+\.\d+$/.test(address);
}

/** Names that resolve to this machine everywhere (RFC 6761 §6.3). */
export function isLocalhost(host: string): boolean {
  return host === "localhost" || (host.endsWith(".localhost") && canonicalHostName(host) !== undefined);
}
