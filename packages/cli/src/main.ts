#!/usr/bin/env node
import { parseArgs } from "node:util";
import manifest from "../package.json" with { type: "json" };
import { chat } from "./commands/chat.ts";
import type { Command } from "./commands/command.ts";
import { datasets } from "./commands/datasets.ts";
import { ingest } from "./commands/ingest.ts";
import { search } from "./commands/search.ts";
import { sql } from "./commands/sql.ts";
import { status } from "./commands/status.ts";
import { Gateway } from "./gateway/gateway.ts";
import { readSettings } from "./gateway/settings.ts";
import { overview } from "./help.ts";
import { CliError, type ExitCode, exitCodes, usageError } from "./terminal/cli-error.ts";
import { interrupted } from "./terminal/interrupt.ts";
import { note, print } from "./terminal/terminal.ts";

const commands: Record<string, Command> = { status, ingest, datasets, sql, search, chat };

const commonOptions = {
  url: { type: "string" },
  "token-file": { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const;

// `… | head` has seen enough: no fault, and leaving ends the request, and so the query.
process.stdout.on("error", ({ code }: NodeJS.ErrnoException) =>
  process.exit(code === "EPIPE" ? exitCodes.done : exitCodes.failed),
);

process.exitCode = await main(process.argv.slice(2)).catch(tell);

async function main(args: string[]): Promise<ExitCode> {
  const { command, rest } = findCommand(args);
  const { values, positionals } = parse(rest, { ...command?.options, ...commonOptions });
  if (values["version"] === true) return finish(`lakehouse ${manifest.version}\n`);
  if (values["help"] === true) return finish(command ? `${command.help}\n` : overview);
  if (!command) throw usageError("There is no command; `lakehouse --help` names them.");
  const { url, "token-file": tokenFile } = values as { url?: string; "token-file"?: string };
  const gateway = new Gateway(readSettings({ url, "token-file": tokenFile }, process.env), interrupted);
  try {
    return await command.run({ options: values, positionals }, gateway);
  } finally {
    gateway.close();
  }
}

/** The first word that is not an option, unless it is an option's value. */
function findCommand(args: string[]): { command?: Command; rest: string[] } {
  const at = args.findIndex(
    (arg, index) => !arg.startsWith("-") && !["--url", "--token-file"].includes(args[index - 1] ?? ""),
  );
  if (at < 0) return { rest: args };
  const name = args[at]!;
  if (!Object.hasOwn(commands, name))
    throw usageError(`There is no command ${name}; there are ${Object.keys(commands).join(", ")}.`);
  return { command: commands[name]!, rest: args.toSpliced(at, 1) };
}

function parse(args: string[], options: Command["options"]) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    const [sentence] = (error as Error).message.split(". "); // what follows it is about parseArgs itself
    throw usageError(`${sentence}.`);
  }
}

async function finish(text: string): Promise<ExitCode> {
  await print(text);
  return exitCodes.done;
}

function tell(error: unknown): ExitCode {
  const { exitCode, message, facts } = asCliError(error);
  note([`lakehouse: ${message}`, ...facts.map((fact) => `  ${fact}`)].join("\n"));
  return exitCode;
}

/** Whatever broke, it was Ctrl-C that broke it; and what nobody foresaw is a fault of ours. */
function asCliError(error: unknown): CliError {
  if (interrupted.aborted) return new CliError(exitCodes.interrupted, "Interrupted.");
  if (error instanceof CliError) return error;
  return new CliError(exitCodes.failed, "A fault of this command.", [String((error as Error).stack ?? error)]);
}
