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
    assertMode(key, path, mode);
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`${key} ${path} can't be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}

/**
 * Checks a file that holds secrets without reading it. A missing file passes, and so does one in a folder that is closed to
 * this process: what is not needed need not be readable.
 * @throws ConfigError naming key and file where others can read it
 */
export function assertPrivateFile(key: string, path: string): void {
  const mode = modeOf(path);
  if (mode !== undefined) assertMode(key, path, mode);
}

function modeOf(path: string): number | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.mode;
  } catch {
    return undefined; // the folder is closed to us, so the mode inside it opens nothing
  }
}

function assertMode(key: string, path: string, mode: number): void {
  if ((mode & TOO_OPEN) === 0) return;
  const octal = (mode & 0o777).toString(8).padStart(4, "0");
  throw new ConfigError(`${key} ${path} has mode ${octal}; expects 0600 or 0640, so that others can't read it`);
}
