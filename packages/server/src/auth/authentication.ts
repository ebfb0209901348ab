import { callerHeader, type Whoami } from "@lakehouse/contracts";
import type { RouteScope } from "@lakehouse/contracts/api-routes";
import { LakehouseError } from "@lakehouse/core";
import type { FastifyReply, FastifyRequest } from "fastify";
import { isWithin } from "./allowed-networks.ts";
import type { AuthPolicy } from "./auth-policy.ts";
import { type Credential, credentialFor, fullGrant, readCaller } from "./credentials.ts";
import type { Identity } from "./identity.ts";
import { RateLimits } from "./rate-limits.ts";
import { assertScope } from "./route-scopes.ts";

const anonymous = identityOf(fullGrant("anonymous"));

interface Gate {
  auth: AuthPolicy;
  rates: RateLimits;
  /** Clients call, not peers: nobody is believed about who asked. */
  isEdge: boolean;
}

/**
 * Authenticates a request by the policy as it is at that moment: SIGHUP may change it. A token's scope and rate count where it
 * arrives first; a service passes on who asked, and its peer believes it.
 * @returns throws LakehouseError `forbidden_ip`, `unauthorized`, `token_expired`, `rate_limited`, `forbidden_scope`
 */
export function authentication(
  auth: AuthPolicy,
  isEdge: boolean,
): (request: FastifyRequest, reply: FastifyReply, scope: RouteScope) => void {
  const gate: Gate = { auth, rates: new RateLimits(), isEdge };
  return (request, reply, scope) => {
    if (auth.networks && !isWithin(auth.networks, request.socket.remoteAddress)) {
      throw new LakehouseError("forbidden_ip", "This source address may not call.");
    }
    if (auth.credentials.length === 0) request.identity = anonymous;
    else identify(request, reply, gate);
    const grant = request.identity?.grant;
    if (grant) assertScope(grant.scopes, scope);
  };
}

/**
 * Sets the request's identity, first of all by its token: log and metrics name a token that is refused.
 * @throws LakehouseError `unauthorized`, `token_expired`, `rate_limited`
 */
function identify(request: FastifyRequest, reply: FastifyReply, { auth, rates, isEdge }: Gate): void {
  const credential = credentialFor(auth.credentials, request.headers.authorization);
  if (credential) request.identity = identityOf(credential.grant);
  assertValid(credential, reply);
  const { grant, requestsPerMinute } = credential;
  const isService = credential.isPeer && !isEdge;
  const passedOn = isService ? readCaller(request.headers[callerHeader]) : undefined;
  if (passedOn) request.identity = { caller: passedOn, grant: undefined };
  // What services do of their own accord has no rate.
  if (requestsPerMinute !== undefined && !isService) rates.count(grant.name, requestsPerMinute);
}

function assertValid(credential: Credential | undefined, reply: FastifyReply): asserts credential {
  if (credential && Date.now() < (credential.expiresAt ?? Number.POSITIVE_INFINITY)) return;
  reply.header("www-authenticate", "Bearer");
  if (credential === undefined) {
    throw new LakehouseError("unauthorized", "A valid bearer token is needed: Authorization: Bearer <token>.");
  }
  const { name, expires_at } = credential.grant;
  throw new LakehouseError("token_expired", `The token ${name} was valid until ${expires_at}.`);
}

function identityOf(grant: Whoami): Identity {
  const { name, scopes, datasets } = grant;
  return { caller: { name, scopes, datasets }, grant };
}
