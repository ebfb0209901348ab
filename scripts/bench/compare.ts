import { writeFileSync } from "node:fs";
import { median } from "./stack.ts";

/** One line of a bench's table: the same figure of ours and of its peers, taken in turn in one run. */
export interface Figure {
  what: string;
  unit: string;
  /** By name, ours first. */
  measured: Record<string, number[]>;
  /** What is aimed at, in words. */
  reach?: string;
}

/** Runs each side once a round, in turn, so that what else the machine does hits all of them. @returns a value a round, by name */
export async function inTurn(
  rounds: number,
  sides: Record<string, () => Promise<number>>,
): Promise<Record<string, number[]>> {
  const measured = Object.fromEntries(Object.keys(sides).map((name) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(sides)) measured[name]!.push(await run());
  }
  return measured;
}

/** A Markdown table: the median of each side with its spread, and ours over each peer. */
export function printFigures(figures: readonly Figure[], jsonFile?: string): void {
  console.log("\n| figure | who | median (least to most) | ours over it | reach |\n| --- | --- | --- | --- | --- |");
  for (const { what, unit, measured, reach = "" } of figures) {
    const [[, ours] = ["", [Number.NaN]]] = Object.entries(measured);
    for (const [name, values] of Object.entries(measured)) {
      const isOurs = values === ours;
      const ratio = isOurs ? "" : (median(ours) / median(values)).toFixed(2);
      const spread = `${rounded(median(values))} ${unit} (${rounded(Math.min(...values))} to ${rounded(Math.max(...values))})`;
      console.log(`| ${isOurs ? what : ""} | ${name} | ${spread} | ${ratio} | ${isOurs ? reach : ""} |`);
    }
  }
  if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify(figures, null, 2)}\n`);
}

function rounded(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value.toPrecision(3);
}
