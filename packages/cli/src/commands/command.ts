import type { ParseArgsConfig } from "node:util";
import type { Gateway } from "../gateway/gateway.ts";
import type { ExitCode } from "../terminal/cli-error.ts";

export type OptionValues = Record<string, string | boolean | (string | boolean)[] | undefined>;

interface Invocation {
  options: OptionValues;
  positionals: string[];
}

export interface Command {
  /** The text of `lakehouse COMMAND --help`. */
  help: string;
  /** Beside those of every command. */
  options: NonNullable<ParseArgsConfig["options"]>;
  run(invocation: Invocation, gateway: Gateway): Promise<ExitCode>;
}
