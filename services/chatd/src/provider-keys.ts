import { parseEnv } from "node:util";
import type { ChatProviderName } from "@lakehouse/contracts";
import { type Config, readPrivateFile, readProviderKey } from "@lakehouse/server";

type CloudProviderName = Exclude<ChatProviderName, "ollama">;

/**
 * The key of a provider: from the environment, else from the variable of the same name in its `.env` file.
 * @returns undefined where neither has one
 * @throws ConfigError where others can read the file that it reads, or the key is none; it never shows it
 */
export function findProviderKey(
  provider: CloudProviderName,
  chatd: Config["chatd"],
  environment: NodeJS.ProcessEnv,
): string | undefined {
  const variable = chatd[`${provider}_key_env`];
  const key = readProviderKey(variable, environment[variable]);
  return key ?? readProviderKey(variable, keyFromFile(provider, chatd[`${provider}_key_file`], variable));
}

function keyFromFile(provider: CloudProviderName, path: string, variable: string): string | undefined {
  const text = readPrivateFile(`chatd.${provider}_key_file`, path);
  return text === undefined ? undefined : parseEnv(text)[variable];
}
