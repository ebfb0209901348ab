import { parseEnv } from "node:util";
import { type LoadedConfig, loadConfig } from "./config.ts";
import { readPrivateFile } from "./private-file.ts";

export interface Settings extends LoadedConfig {
  /** Where tokens come from: the process's environment, or what `auth.env_file` makes of it. */
  environment: NodeJS.ProcessEnv;
}

/**
 * The configuration as it is now. A running process can't be given another environment, so in what concerns `[auth]` the file
 * that `auth.env_file` names stands for it, whole: a variable that the file no longer sets is gone.
 * @throws ConfigError as `loadConfig`, or where others can read that file
 */
export function readSettings(path: string | undefined, environment: NodeJS.ProcessEnv): Settings {
  const loaded = loadConfig(path, environment);
  const { env_file: file, token_env, tokens } = loaded.config.auth;
  const text = file === "" ? undefined : readPrivateFile("auth.env_file", file);
  if (text === undefined) return { ...loaded, environment };
  const variables = new Set([token_env, ...tokens.map((token) => token.token_env)]);
  const isOfAuth = ([name]: [string, unknown]) => variables.has(name) || name.startsWith("LAKEHOUSE_AUTH_");
  const others = Object.entries(environment).filter((entry) => !isOfAuth(entry));
  const current = Object.fromEntries([...others, ...Object.entries(parseEnv(text)).filter(isOfAuth)]);
  return { ...loadConfig(path, current), environment: current };
}
