import type { BenchResult, Section } from "../../bench/measure/figure.ts";
import { figuresTable } from "../../bench/measure/table.ts";
import { type TakenBench, takenBenches, textOf } from "./baseline-results.ts";

/** docs/baseline.md: the figures of every bench, each with what there is to say about it. */
export function baselinePage(): string {
  const benches = takenBenches();
  const results = benches.flatMap(({ result }) => result ?? []);
  return `# Baseline

Generated from the results and texts in \`docs/baseline\` by \`just format\`; \`just baseline\` takes the results anew.

Every claim of speed, measured beside a peer in the same run, with the command that measures it. Ratios travel between machines; seconds do not.

![How many times as good as its peer each path is, and what is aimed at](baseline.svg)

${conditions(results)}

Each value is the median of its rounds, with the least and the most behind it; ours and its peers run in turn. *ours ÷ peer* is taken round by round.
*Reach* is what is aimed at, beside that peer or, where there is no ×, as a value of its own. *Our processes* is the peak of resident memory and the processor time of a round.

${benches.map(benchPart).join("\n\n")}

## Torture

${textOf("torture")}

## Forged indexes

${textOf("forged-indexes")}
`;
}

function benchPart({ title, result, text }: TakenBench): string {
  const parts = result === undefined ? ["Not recorded yet."] : resultParts(result);
  return [`## ${title}`, ...parts, text].filter((part) => part !== "").join("\n\n");
}

function resultParts({ command, date, loadAtStart, minutes, isQuick, sections, notes }: BenchResult): string[] {
  const taken = `\`${command}\` — ${date}, load average ${loadAtStart} at the start, ${minutes} minutes.`;
  const warning =
    "**A quick run of small sizes, one round, on a busy machine: it shows that the bench works, and nothing else.**";
  return [
    isQuick ? `${taken} ${warning}` : taken,
    ...sections.map((section) => sectionPart(section, isQuick)),
    ...notes,
  ];
}

function sectionPart({ title, figures }: Section, isQuick: boolean): string {
  const table = figuresTable(figures, isQuick);
  return title === "" ? table : `**${title}**\n\n${table}`;
}

/** Once where all were taken on one machine. */
function conditions(results: readonly BenchResult[]): string {
  const machines = new Set(results.map(({ machine }) => machine));
  const versions = Object.assign({}, ...results.map((result) => result.versions)) as Record<string, string>;
  const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `Machine: ${Array.from(machines).join("; ")}. Client, services and peers share its cores. ${programs.join(", ")}.`;
}
