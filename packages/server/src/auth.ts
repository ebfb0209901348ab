import { createHash, timingSafeEqual } from "node:crypto";
import { LakehouseError } from "@lakehouse/contracts";
import type { FastifyInstance, FastifyRequest } from "fastify";
import ipaddr from "ipaddr.js";
import { ConfigError } from "./config.ts";
import type { Config } from "./config-schema.ts";

type Network = ReturnType<typeof ipaddr.parseCIDR>;

export interface AuthPolicy {
  /** SHA-256 of each `Bearer <token>` that passes; empty: no token is asked for. */
  credentials: Buffer[];
  /** undefined: any source passes. Empty: none does. */
  networks: Network[] | undefined;
  /** What this service sends to its peers; empty where there is no token. */
  token: string;
}

/**
 * Reads `[auth]`: an explicit token wins over the variable that `token_env` names; a bad network is dropped and named in `warnings`.
 * @throws ConfigError for a token that no client could send
 */
export function authPolicy(auth: Config["auth"], environment: NodeJS.ProcessEnv, warnings: string[] = []): AuthPolicy {
  const primary = auth.token || environment[auth.token_env] || "";
  assertSendable(auth.token ? "auth.token" : auth.token_env, primary);
  for (const token of auth.secondary_tokens) assertSendable("auth.secondary_tokens", token);
  const tokens = [primary, ...auth.secondary_tokens].filter((token) => token !== "");
  return {
    credentials: tokens.map((token) => digest(`Bearer ${token}`)),
    networks: auth.allowed_ips.length === 0 ? undefined : auth.allowed_ips.flatMap((entry) => network(entry, warnings)),
    token: tokens[0] ?? "",
  };
}

/** A line end that came with a file, say, would lock out everybody: headers lose blanks at their ends, and take ASCII alone. */
function assertSendable(source: string, token: string): void {
  if (token === "" || /^[!-~]([ -~]*[!-~])?$/.test(token)) return;
  throw new ConfigError(`${source} is (hidden); expects printable ASCII without blanks at its ends`);
}

/** Gates everything but `/health`, by the policy as it is at each request: SIGHUP may change it. */
export function addAuth(app: FastifyInstance, policy: Readonly<AuthPolicy>): void {
  app.addHook("onRequest", async (request, reply) => {
    const { credentials, networks } = policy;
    if (request.routeOptions.url === "/health") return;
    if (networks && !isWithin(networks, request.socket.remoteAddress)) {
      throw new LakehouseError("forbidden_ip", "This source address may not call.");
    }
    assertSameSite(request);
    if (credentials.length > 0 && !isAccepted(credentials, request.headers.authorization)) {
      reply.header("www-authenticate", "Bearer");
      throw new LakehouseError("unauthorized", "A valid bearer token is needed: Authorization: Bearer <token>.");
    }
  });
}

/** JSON is taken whatever Content-Type curl gave it, so a web page could post here too: browsers say so themselves. */
function assertSameSite(request: FastifyRequest): void {
  if (request.headers["sec-fetch-site"] !== "cross-site") return;
  throw new LakehouseError("forbidden_origin", "Web pages of other sites may not call.");
}

/** Compares with every credential, each in constant time, so that the time tells nothing. */
function isAccepted(credentials: Buffer[], offered = ""): boolean {
  const offeredDigest = digest(offered);
  return credentials.reduce((passed, credential) => timingSafeEqual(credential, offeredDigest) || passed, false);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function network(entry: string, warnings: string[]): Network[] {
  if (ipaddr.isValidCIDR(entry)) return [ipaddr.parseCIDR(entry)];
  // isValid takes "127.1" and "0x7f000001" too: nobody means those in an allow-list.
  if (ipaddr.IPv4.isValidFourPartDecimal(entry) || ipaddr.IPv6.isValid(entry)) {
    const address = ipaddr.process(entry); // as a source is read: ::ffff:10.0.0.1 is 10.0.0.1
    return [[address, address.kind() === "ipv4" ? 32 : 128]];
  }
  warnings.push(`auth.allowed_ips: ${JSON.stringify(entry)} is neither an IP address nor a CIDR; it is dropped.`);
  return [];
}

function isWithin(networks: Network[], source: string | undefined): boolean {
  if (source === undefined || !ipaddr.isValid(source)) return false;
  const address = ipaddr.process(source); // ::ffff:10.0.0.1 is 10.0.0.1
  return networks.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
}
