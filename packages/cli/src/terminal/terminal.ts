import { once } from "node:events";
import { addAbortSignal, type Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { usageError } from "./cli-error.ts";
import { interrupted } from "./interrupt.ts";
import { plainStyle, type TableStyle, terminalStyle } from "./table.ts";

/** Writes to standard output as fast as its reader takes it. */
export async function print(text: string | Uint8Array): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

/** To the person, beside the output. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function tableStyle(): TableStyle {
  return process.stdout.isTTY && !process.env["NO_COLOR"] ? terminalStyle : plainStyle;
}

/** Breaks off on Ctrl-C, where it would else be waited for. */
export function standardInput(): Readable {
  return addAbortSignal(interrupted, process.stdin);
}

/** Returns the argument, or standard input when that is `-`. @throws CliError `usage` when it is missing or empty */
export async function argumentOrInput(argument: string | undefined, what: string): Promise<string> {
  const given = argument === "-" ? await text(standardInput()) : argument;
  if (given === undefined || given.trim() === "") throw usageError(`There is no ${what}.`);
  return given;
}

/** @throws CliError `usage` */
export function assertNoMore(positionals: readonly string[], most: number): void {
  if (positionals.length > most)
    throw usageError(`One argument too many: ${positionals[most]}. Quote what has spaces.`);
}

/** @throws CliError `usage` */
export function oneOf<const T extends readonly string[]>(option: string, value: unknown, choices: T): T[number] {
  if (value === undefined) return choices[0]!;
  const chosen = choices.find((choice) => choice === value);
  if (chosen === undefined) throw usageError(`--${option} is one of ${choices.join(", ")}; not ${String(value)}.`);
  return chosen;
}

/** @throws CliError `usage` */
export function wholeNumber(option: string, value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  const number = Number(value);
  if (/^\d+$/.test(String(value)) && number > 0 && Number.isSafeInteger(number)) return number;
  throw usageError(`${option} is a whole number from 1 on; not ${String(value)}.`);
}
