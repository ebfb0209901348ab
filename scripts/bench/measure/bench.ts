import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import type { BenchResult, Figure, Section } from "./figure.ts";
import { commonVersions, machine } from "./machine.ts";
import { figuresTable } from "./table.ts";

/** Of a number or a text that the command line may set: for a whole run, and for `--quick`. */
type Setting = readonly [whole: number, quick: number] | readonly [whole: string, quick: string];

type Values<S extends Record<string, Setting>> = { [K in keyof S]: S[K][0] extends number ? number : string };

export interface Bench<S extends Record<string, Setting> = Record<never, never>> {
  settings: Values<S>;
  /** Not options: what the bench is to do. */
  positionals: string[];
  /** The figures that follow belong to it. */
  section(title: string): void;
  add(figure: Figure): void;
  /** Tells it at once, and below the tables. */
  note(text: string): void;
  /** Of a program or package that was measured; nothing where it is unknown. */
  version(name: string, version: string | undefined): void;
  /** Prints the tables, and writes them where `--json FILE` asks for it. */
  finish(): void;
}

/**
 * What every bench has: its settings by `--name value`, `--quick` for small sizes and one round, `--json FILE` for its result.
 * @param settings for a whole run, and for a quick one
 */
export function openBench<const S extends Record<string, Setting>>(name: string, settings: S): Bench<S> {
  const started = performance.now();
  const { values, positionals } = commandLine(Object.keys(settings));
  const isQuick = values["quick"] === true;
  const result: BenchResult = {
    bench: name,
    command: commandOf(name),
    isQuick,
    date: new Date().toISOString().slice(0, 10),
    loadAtStart: Number(loadavg()[0]!.toFixed(1)),
    minutes: 0,
    machine: machine(),
    versions: commonVersions(),
    sections: [],
    notes: [],
  };
  const addSection = (title: string) => {
    const section: Section = { title, figures: [] };
    result.sections.push(section);
    return section;
  };
  return {
    settings: Object.fromEntries(
      Object.entries(settings).map(([key, setting]) => [key, chosen(setting, values[key], isQuick)]),
    ) as Values<S>,
    positionals,
    section: addSection,
    add(figure) {
      (result.sections.at(-1) ?? addSection("")).figures.push(figure);
      process.stderr.write(`  ${figure.what}: done\n`);
    },
    note(text) {
      process.stderr.write(`  ${text}\n`);
      if (!result.notes.includes(text)) result.notes.push(text);
    },
    version(program, version) {
      if (version !== undefined) result.versions[program] = version;
    },
    finish() {
      result.minutes = Number(((performance.now() - started) / 60_000).toFixed(1));
      print(result);
      if (typeof values["json"] === "string") writeFileSync(values["json"], asJson(result));
    },
  };
}

function commandLine(names: readonly string[]) {
  const own = Object.fromEntries(names.map((name) => [name, { type: "string" as const }]));
  const options = { ...own, quick: { type: "boolean" as const }, json: { type: "string" as const } };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  return { values: values as Record<string, string | boolean | undefined>, positionals };
}

function chosen([whole, quick]: Setting, given: string | boolean | undefined, isQuick: boolean): number | string {
  const usual = isQuick ? quick : whole;
  if (typeof given !== "string") return usual;
  if (typeof usual === "string") return given;
  if (!/^\d+(\.\d+)?$/.test(given)) throw new Error(`A number is wanted, not ${given}.`);
  return Number(given);
}

/** As someone else would type it: without where its result goes. */
function commandOf(name: string): string {
  const args = process.argv.slice(2);
  const json = args.indexOf("--json");
  const shown = json === -1 ? args : args.toSpliced(json, 2);
  const quoted = shown.map((arg) => (/[^\w.,-]/.test(arg) ? `"${arg}"` : arg));
  return [`scripts/bench/${name}`, ...quoted].join(" ");
}

function print({ sections, notes, isQuick }: BenchResult): void {
  for (const { title, figures } of sections) {
    console.log(`\n${title === "" ? "" : `${title}\n\n`}${figuresTable(figures, isQuick)}`);
  }
  for (const note of notes) console.log(`\n${note}`);
}

/** No more digits than a measurement has. */
function asJson(result: BenchResult): string {
  const rounded = (_: string, value: unknown) => (typeof value === "number" ? Number(value.toPrecision(5)) : value);
  return `${JSON.stringify(result, rounded, 2)}\n`;
}
