import { createHash, timingSafeEqual } from "node:crypto";
import { type Caller, callerSchema, roles, scopes, type Whoami } from "@lakehouse/contracts/access";
import { ConfigError } from "../config/config.ts";
import type { Config } from "../config/config-schema.ts";
import type { TokenConfig } from "../config/token-config.ts";

type AuthConfig = Config["auth"];

/** A token that opens the door, and what it opens. */
export interface Credential {
  /** SHA-256 of `Bearer <token>`. */
  digest: Buffer;
  grant: Whoami;
  /** Milliseconds since 1970. */
  expiresAt?: number;
  /** Most requests a minute, counted where the token arrives first. */
  requestsPerMinute?: number;
  /** The services' own: whoever sends it is believed about who asked. */
  isPeer: boolean;
}

/** Everything, under a name of our own. */
export function fullGrant(name: "primary" | "anonymous"): Whoami {
  return { name, role: "admin", scopes: [...scopes], datasets: ["*"], expires_at: null };
}

/**
 * Reads every token of `[auth]`: an explicit one wins over the variable that its `token_env` names.
 * @returns the credentials, and the token that this service sends to its peers (empty where there is none)
 * @throws ConfigError for a token that nobody could send or that is there twice, and where only tokens without `admin` are
 */
export function readCredentials(
  auth: AuthConfig,
  environment: NodeJS.ProcessEnv,
): { credentials: Credential[]; peerToken: string } {
  const full = fullTokens(auth, environment);
  const scoped = auth.tokens.map((token, position) => ({ token, value: tokenValue(token, position, environment) }));
  assertDistinct([...full, ...scoped.map(({ value }) => value)]);
  const administrators = scoped.filter(({ token }) => isAdministrator(token));
  if (full.length === 0 && scoped.length > 0 && administrators.length === 0) {
    throw new ConfigError(
      "auth.tokens has no token with the scope admin, which the services need to reach each other; expects one, or auth.token",
    );
  }
  const credentials = [
    ...full.map((value) => ({ digest: digestOf(value), grant: fullGrant("primary"), isPeer: true })),
    ...scoped.map(({ token, value }) => scopedCredential(token, value, full.length === 0)),
  ];
  return { credentials, peerToken: full[0] ?? lastingLongest(administrators)?.value ?? "" };
}

/** Compares with every credential, each in constant time, so that the time tells nothing. */
export function credentialFor(credentials: readonly Credential[], authorization = ""): Credential | undefined {
  const offered = sha256(authorization);
  return credentials.reduce<Credential | undefined>(
    (found, credential) => (timingSafeEqual(credential.digest, offered) ? credential : found),
    undefined,
  );
}

/** What a peer says of who asked; undefined where it says nothing, or nothing that can be read. */
export function readCaller(header: string | string[] | undefined): Caller | undefined {
  if (typeof header !== "string") return undefined;
  try {
    return callerSchema.parse(JSON.parse(header));
  } catch {
    return undefined; // not of our making: whoever has the services' token is taken for a service
  }
}

function fullTokens(auth: AuthConfig, environment: NodeJS.ProcessEnv): string[] {
  const primary = auth.token || environment[auth.token_env] || "";
  assertSendable(auth.token ? "auth.token" : auth.token_env, primary);
  for (const token of auth.secondary_tokens) assertSendable("auth.secondary_tokens", token);
  return [...new Set([primary, ...auth.secondary_tokens])].filter((token) => token !== "");
}

function tokenValue(token: TokenConfig, position: number, environment: NodeJS.ProcessEnv): string {
  const key = `auth.tokens[${position}]`;
  const { token: explicit, token_env: variable = "" } = token;
  const value = explicit ?? environment[variable] ?? "";
  if (value === "") throw new ConfigError(`${key}.token_env is ${shownVariable(variable)}; expects its variable`);
  assertSendable(explicit === undefined ? variable : `${key}.token`, value);
  return value;
}

/** Whoever writes the token itself where its variable's name belongs must not find it in a log. */
function shownVariable(name: string): string {
  return /^[A-Z_][A-Z0-9_]*$/.test(name) ? `"${name}", which is not set` : "(hidden), which is not set";
}

/** A line end that came with a file, say, would lock out everybody: headers lose blanks at their ends, and take ASCII alone. */
function assertSendable(source: string, token: string): void {
  if (token === "" || /^[!-~]([ -~]*[!-~])?$/.test(token)) return;
  throw new ConfigError(`${source} is (hidden); expects printable ASCII without blanks at its ends`);
}

/** With one value under two names nobody could tell who calls. */
function assertDistinct(values: string[]): void {
  if (new Set(values).size === values.length) return;
  throw new ConfigError("auth.tokens has a token that is there twice; expects each token to have a value of its own");
}

function isAdministrator(token: TokenConfig): boolean {
  return grantedScopes(token).includes("admin");
}

function grantedScopes({ role, scopes: listed = [] }: TokenConfig): Whoami["scopes"] {
  const granted = role === undefined ? listed : roles[role];
  return granted.includes("admin") ? [...scopes] : scopes.filter((scope) => granted.includes(scope));
}

function scopedCredential(token: TokenConfig, value: string, mayBePeer: boolean): Credential {
  const { name, role = null, datasets, expires_at, requests_per_minute } = token;
  return {
    digest: digestOf(value),
    grant: { name, role, scopes: grantedScopes(token), datasets, expires_at: expires_at ?? null },
    ...(expires_at === undefined ? {} : { expiresAt: Date.parse(expires_at) }),
    ...(requests_per_minute === undefined ? {} : { requestsPerMinute: requests_per_minute }),
    isPeer: mayBePeer && isAdministrator(token),
  };
}

function lastingLongest<T extends { token: TokenConfig }>(tokens: T[]): T | undefined {
  const endOf = ({ token: { expires_at } }: T) => (expires_at === undefined ? Infinity : Date.parse(expires_at));
  return tokens.toSorted((a, b) => (endOf(a) === endOf(b) ? 0 : endOf(b) - endOf(a)))[0];
}

function digestOf(token: string): Buffer {
  return sha256(`Bearer ${token}`);
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
