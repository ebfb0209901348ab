/** Exit codes tell a script how it ended; `--help` lists them. */
export const exitCodes = {
  done: 0,
  /** The service answered 4xx: another request is needed. */
  refused: 1,
  /** The command line, or a file that it names, is wrong; nothing was sent. */
  usage: 2,
  /** The gateway can't be reached, or the connection broke. */
  unreachable: 3,
  /** The service answered 5xx, or in a shape that is not ours: try again, or look at `status`. */
  failed: 4,
  /** Ctrl-C, as a shell has it. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Ends the command with a sentence on stderr. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  /** Lines that a person needs to follow it up. */
  readonly facts: readonly string[];

  constructor(exitCode: ExitCode, message: string, facts: readonly string[] = []) {
    super(message);
    this.name = "CliError";
    this.exitCode = exitCode;
    this.facts = facts;
  }
}

export function usageError(message: string): CliError {
  return new CliError(exitCodes.usage, message, ["`lakehouse --help` and `lakehouse COMMAND --help` tell how."]);
}
