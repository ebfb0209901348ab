import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const root = join(import.meta.dirname, "../../..");

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  input?: string;
  /** As of a pipe whose writer is not done. */
  keepsInputOpen?: boolean;
  environment?: Record<string, string>;
  cwd?: string;
}

export interface Running {
  /** Resolves once the command has read the input, but for what fits into a pipe. */
  inputTaken: Promise<void>;
  interrupt(): void;
  outcome: Promise<Outcome>;
}

/** Runs the command as a person would, with an environment of its own. */
export function startCli(
  args: string[],
  { input = "", keepsInputOpen = false, environment = {}, cwd = root }: RunOptions = {},
): Running {
  const child = spawn(join(root, "scripts/lakehouse"), args, { cwd, env: { ...bareEnvironment(), ...environment } });
  child.stdin.on("error", () => undefined); // a command that needs no input may be over before it is written
  const inputTaken = new Promise<void>((resolve) => child.stdin.write(input, () => resolve()));
  if (!keepsInputOpen) child.stdin.end();
  const outcome = Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]).then(
    ([stdout, stderr, [code]]) => ({ code: code as number | null, stdout, stderr }),
  );
  return { inputTaken, interrupt: () => void child.kill("SIGINT"), outcome };
}

/** Runs a line of shell, such as a pipe, with `lakehouse` on its path. */
export async function runShell(line: string, environment: Record<string, string>): Promise<Outcome> {
  const PATH = `${join(root, "scripts")}:${process.env["PATH"]}`;
  const child = spawn("bash", ["-o", "pipefail", "-c", line], { env: { ...bareEnvironment(), ...environment, PATH } });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { code: code as number | null, stdout, stderr };
}

/** Nothing that is set for the person who runs the tests. */
function bareEnvironment(): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent" };
}
