import { callerHeader, LakehouseError, type Whoami } from "@lakehouse/contracts";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Platform } from "../platform.ts";
import { isWithin } from "./allowed-networks.ts";
import { type Credential, credentialFor, fullGrant, readCaller } from "./credentials.ts";
import type { Identity } from "./identity.ts";
import { RateLimits } from "./rate-limits.ts";
import { assertScope } from "./route-scopes.ts";

const anonymous = identityOf(fullGrant("anonymous"));

/**
 * Gates everything but `/health`, by the policy as it is at each request: SIGHUP may change it. A token's scope and rate count
 * where it arrives first; a service passes on who asked, and its peer believes it.
 * @param isEdge clients call, not peers: nobody is believed about who asked
 */
export function addAuth(app: FastifyInstance, { auth }: Platform, isEdge: boolean): void {
  const rates = new RateLimits();
  app.decorateRequest("identity", undefined);
  app.addHook("onRequest", async (request, reply) => {
    if (request.routeOptions.url === "/health") return;
    if (auth.networks && !isWithin(auth.networks, request.socket.remoteAddress)) {
      throw new LakehouseError("forbidden_ip", "This source address may not call.");
    }
    const told = isEdge ? undefined : request.headers[callerHeader];
    request.identity =
      auth.credentials.length === 0 ? anonymous : identify(request, reply, auth.credentials, rates, told);
    const { grant } = request.identity;
    if (grant) assertScope(grant.scopes, request.routeOptions.config.scope ?? "any");
  });
}

/**
 * @param told what a peer says of who asked
 * @throws LakehouseError `unauthorized`, `token_expired`, `rate_limited`
 */
function identify(
  { headers }: FastifyRequest,
  reply: FastifyReply,
  credentials: readonly Credential[],
  rates: RateLimits,
  told: string | string[] | undefined,
): Identity {
  const credential = credentialFor(credentials, headers.authorization);
  if (credential === undefined) {
    reply.header("www-authenticate", "Bearer");
    throw new LakehouseError("unauthorized", "A valid bearer token is needed: Authorization: Bearer <token>.");
  }
  const { grant, expiresAt = Number.POSITIVE_INFINITY, requestsPerMinute, isPeer } = credential;
  if (Date.now() >= expiresAt) {
    reply.header("www-authenticate", "Bearer");
    throw new LakehouseError("token_expired", `The token ${grant.name} was valid until ${grant.expires_at}.`);
  }
  const passedOn = isPeer ? readCaller(told) : undefined;
  if (passedOn) return { caller: passedOn, grant: undefined };
  if (requestsPerMinute !== undefined) rates.count(grant.name, requestsPerMinute);
  return identityOf(grant);
}

function identityOf(grant: Whoami): Identity {
  const { name, scopes, datasets } = grant;
  return { caller: { name, scopes, datasets }, grant };
}
