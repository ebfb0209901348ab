import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchResult } from "../../bench/measure/figure.ts";

/** Results and texts lie here, one of each a bench. */
const folder = join(import.meta.dirname, "../../../docs/baseline");

/** In the order of the page: each bench, and its heading. */
export const benchTitles = {
  ingest: "Ingest",
  query: "SQL",
  vectors: "Vectors",
  storage: "Storage",
  gateway: "The gateway's hop",
  objects: "Object stores",
  memory: "Memory",
  embed: "Embedding",
  chat: "Chat",
  start: "Start and idle memory",
} as const;

export interface TakenBench {
  title: string;
  /** undefined until the bench has been recorded. */
  result: BenchResult | undefined;
  /** Says what falls short, why, and what would close it. */
  text: string;
}

export function takenBenches(): TakenBench[] {
  return Object.entries(benchTitles).map(([name, title]) => ({ title, result: resultOf(name), text: textOf(name) }));
}

/** Some texts have no result beside them: those that are not about a bench. */
export function textOf(name: string): string {
  const file = join(folder, `${name}.md`);
  if (!existsSync(file)) return "";
  // The text is a page of its own a folder deeper, so that its links work there too.
  return readFileSync(file, "utf8").trim().replaceAll("](../", "](");
}

function resultOf(name: string): BenchResult | undefined {
  const file = join(folder, `${name}.json`);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as BenchResult) : undefined;
}
