import ipaddr from "ipaddr.js";
import { ConfigError } from "../config/config.ts";

/**
 * A service that others can reach must ask for a token, and be told so twice.
 * @throws ConfigError naming `auth.token` or `LAKEHOUSE_ALLOW_NONLOOPBACK`
 */
export function assertBindAllowed(
  service: string,
  host: string,
  hasToken: boolean,
  environment: NodeJS.ProcessEnv,
): void {
  if (isLoopback(host)) return;
  if (!hasToken) {
    throw new ConfigError(
      `${service}.bind is ${host}, which is not loopback; it expects auth.token (or auth.secondary_tokens) to be set`,
    );
  }
  if (environment["LAKEHOUSE_ALLOW_NONLOOPBACK"] !== "1") {
    throw new ConfigError(
      `${service}.bind is ${host}, which is not loopback; it expects LAKEHOUSE_ALLOW_NONLOOPBACK=1`,
    );
  }
}

function isLoopback(host: string): boolean {
  if (host === "localhost") return true;
  return ipaddr.isValid(host) && ipaddr.process(host).range() === "loopback";
}
