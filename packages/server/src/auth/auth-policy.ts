import type { Config } from "../config/config-schema.ts";
import { allowedNetworks, type Network } from "./allowed-networks.ts";
import { type Credential, readCredentials } from "./credentials.ts";

export interface AuthPolicy {
  /** Whoever sends one of them passes; empty: no token is asked for. */
  credentials: readonly Credential[];
  /** undefined: any source passes. Empty: none does. */
  networks: readonly Network[] | undefined;
  /** What this service sends to its peers; empty where there is no token. */
  token: string;
}

/**
 * Reads `[auth]`; a bad network is dropped and named in `warnings`.
 * @throws ConfigError for tokens that could not be used
 */
export function authPolicy(auth: Config["auth"], environment: NodeJS.ProcessEnv, warnings: string[] = []): AuthPolicy {
  const { credentials, peerToken } = readCredentials(auth, environment);
  return { credentials, networks: allowedNetworks(auth.allowed_ips, warnings), token: peerToken };
}
