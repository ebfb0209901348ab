import type { Caller, Whoami } from "@lakehouse/contracts";
import type { FastifyRequest } from "fastify";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; undefined until the request is authenticated, and on routes that are open to everybody. */
    identity: Identity | undefined;
  }
}

export interface Identity {
  caller: Caller;
  /** What the token that came with the request grants; undefined where a peer passed the caller on. */
  grant: Whoami | undefined;
}

export function callerOf({ identity }: Pick<FastifyRequest, "identity">): Caller | undefined {
  return identity?.caller;
}

/** The name for logs and metrics. */
export function callerNameOf({ identity }: Pick<FastifyRequest, "identity">): string {
  return identity?.caller.name ?? "unauthenticated";
}
