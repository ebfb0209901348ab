import { chmodSync, chownSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { parseEnv } from "node:util";

const PRIMARY = "AUTH_TOKEN";
const SECONDARY = "LAKEHOUSE_AUTH_SECONDARY_TOKENS";

export interface Tokens {
  primary: string;
  secondary: string[];
}

/** @throws Error where the file has no AUTH_TOKEN */
export function readTokens(path: string): Tokens {
  const { [PRIMARY]: primary, [SECONDARY]: secondary = "" } = parseEnv(readFileSync(path, "utf8"));
  if (!primary) throw new Error(`${path} has no ${PRIMARY}: there is nothing to rotate.`);
  return { primary, secondary: secondary.split(",").filter((token) => token !== "") };
}

/** In one step, so that nobody reads half a file; owner, mode and every other line stay. */
export function writeTokens(path: string, { primary, secondary }: Tokens): void {
  const { mode, uid, gid } = statSync(path);
  const isOurs = (line: string) => line.startsWith(`${PRIMARY}=`) || line.startsWith(`${SECONDARY}=`);
  const others = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "" && !isOurs(line));
  const ours = [`${PRIMARY}=${primary}`, ...(secondary.length > 0 ? [`${SECONDARY}=${secondary.join(",")}`] : [])];
  const next = `${path}.next`;
  writeFileSync(next, `${[...others, ...ours].join("\n")}\n`, { mode: 0o600 });
  chownSync(next, uid, gid);
  chmodSync(next, mode);
  renameSync(next, path);
}
