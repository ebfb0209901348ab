import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { usageError } from "../terminal/cli-error.ts";

const DEFAULT_URL = "http://127.0.0.1:3110";

/** Bits of a mode that let anybody but the owner at a file. */
const OTHERS = 0o077;

export interface Settings {
  /** The gateway's, without a slash at the end. */
  url: string;
  /** Empty when no token is set. */
  token: string;
}

interface Given {
  url?: string | undefined;
  "token-file"?: string | undefined;
}

/**
 * Reads the gateway's address and the token. A token is never an argument: every user of the machine could read it there.
 * @throws CliError `usage` over an invalid URL, or a token file that others can read
 */
export function readSettings(given: Given, environment: NodeJS.ProcessEnv): Settings {
  const url = given.url ?? environment["LAKEHOUSE_URL"] ?? DEFAULT_URL;
  return { url: checkedUrl(url), token: readToken(given["token-file"], environment) };
}

function checkedUrl(text: string): string {
  const url = URL.parse(text);
  if (!url || !["http:", "https:"].includes(url.protocol))
    throw usageError(`${text} is not a URL such as ${DEFAULT_URL}.`);
  if (url.username || url.password)
    throw usageError("The URL holds a password; give a token by LAKEHOUSE_TOKEN instead.");
  return url.origin + url.pathname.replace(/\/+$/, "").replace(/\/v1$/, "");
}

function readToken(file: string | undefined, environment: NodeJS.ProcessEnv): string {
  const named = file ?? environment["LAKEHOUSE_TOKEN_FILE"];
  if (file === undefined) {
    const token = environment["LAKEHOUSE_TOKEN"] || environment["AUTH_TOKEN"];
    if (token) return checkedToken(token, "the environment");
  }
  const path = named ?? join(environment["XDG_CONFIG_HOME"] || join(homedir(), ".config"), "lakehouse/token");
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  if (mode === undefined) {
    if (named === undefined) return "";
    throw usageError(`The token file ${path} is not there.`);
  }
  if ((mode & OTHERS) !== 0) throw usageError(`Others can read the token file ${path}; chmod 600 it.`);
  return checkedToken(readFileSync(path, "utf8").trim(), path);
}

/** Whatever else a header would not take, and would be shown in the error about it. */
function checkedToken(token: string, source: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw usageError(`The token from ${source} is empty, or has characters that a header can't carry.`);
}
