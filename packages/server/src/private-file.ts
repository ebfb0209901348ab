import { readFileSync, statSync } from "node:fs";
import { ConfigError } from "./config.ts";

/** Bits of a mode that let others than the owner write, and others than owner and group read. */
const TOO_OPEN = 0o137;

/**
 * Reads a file that holds secrets.
 * @param key the configuration key that names it, for the error
 * @returns undefined where there is no such file
 * @throws ConfigError naming key and file, never the content, where others can read it or where we can't
 */
export function readPrivateFile(key: string, path: string): string | undefined {
  try {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode;
    if (mode === undefined) return undefined;
    if ((mode & TOO_OPEN) === 0) return readFileSync(path, "utf8");
    const octal = (mode & 0o777).toString(8).padStart(4, "0");
    throw new ConfigError(`${key} ${path} has mode ${octal}; expects 0600 or 0640, so that others can't read it`);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`${key} ${path} can't be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}
