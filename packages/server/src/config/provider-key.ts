import { ConfigError } from "./config.ts";

/** What a header can carry. */
const keyPattern = /^[\x21-\x7e]+$/;

/**
 * A provider's API key, without the blanks around it; undefined where there is none.
 * @param variable where it was found
 * @throws ConfigError where no request could carry it; it never shows it
 */
export function readProviderKey(variable: string, text: string | undefined): string | undefined {
  const key = text?.trim();
  if (!key) return undefined;
  if (keyPattern.test(key)) return key;
  throw new ConfigError(`the key in ${variable} is (hidden); expects one line of ASCII without spaces`);
}
