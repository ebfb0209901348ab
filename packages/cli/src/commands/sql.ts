import { type QueryParameter, resultFormats } from "@lakehouse/contracts";
import { type QueryRows, readQueryRows } from "../formats/query-result.ts";
import type { Gateway } from "../gateway/gateway.ts";
import { exitCodes, usageError } from "../terminal/cli-error.ts";
import { asCount, asTime } from "../terminal/figures.ts";
import { renderTable } from "../terminal/table.ts";
import { argumentOrInput, assertNoMore, note, oneOf, print, tableStyle, wholeNumber } from "../terminal/terminal.ts";
import type { Command } from "./command.ts";

const TABLE_ROWS = 1_000;
const numericTypes = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|BIGNUM|DECIMAL\b.*|FLOAT|DOUBLE)$/;
const binaryFormats = new Set<string>(["parquet", "arrow"]);

export const sql: Command = {
  help: `lakehouse sql "SELECT …" [--format FORMAT] [--param VALUE]… [--limit ROWS]

Runs one read-only statement over the datasets. \`-\` reads it from standard input. Ctrl-C stops the query.

  --format FORMAT   table (as it is left out), json, ndjson, csv, parquet or arrow. A table is for people: it is bounded by
                    --limit, and long values are cut. The others are streamed, whole.
  --param VALUE     for each ? of the statement, in order. 2, 1.5, true and null are what they look like; anything else
                    is text, and '"2"' is the text 2.
  --limit ROWS      most rows of a table (1,000)

  lakehouse sql "FROM workers LIMIT 5"
  lakehouse sql "SELECT name FROM people WHERE id = ?" --param 2
  lakehouse sql "FROM workers" --format parquet >workers.parquet
  lakehouse sql - --format csv <report.sql | sort`,
  options: {
    format: { type: "string" },
    param: { type: "string", multiple: true },
    limit: { type: "string" },
  },

  async run({ options, positionals }, gateway) {
    assertNoMore(positionals, 1);
    const format = oneOf("format", options["format"], ["table", ...resultFormats]);
    const limit = wholeNumber("--limit", options["limit"], TABLE_ROWS);
    if (binaryFormats.has(format) && process.stdout.isTTY)
      throw usageError(`${format} is not for a terminal: … >file.${format}`);
    const params = ((options["param"] ?? []) as string[]).map(asParameter);
    const statement = await argumentOrInput(
      positionals[0],
      'statement: lakehouse sql "SELECT …", or - for standard input',
    );
    const body = JSON.stringify({ sql: statement, ...(params.length > 0 && { params }) });
    if (format === "table") await printTable(body, limit, gateway);
    else await printAsItIs(body, format, gateway);
    return exitCodes.done;
  },
};

async function printAsItIs(body: string, format: string, gateway: Gateway): Promise<void> {
  const answer = await gateway.request({ method: "POST", path: `/v1/sql?format=${format}`, body });
  for await (const chunk of gateway.chunks(answer)) await print(chunk);
}

async function printTable(body: string, limit: number, gateway: Gateway): Promise<void> {
  const started = performance.now();
  const answer = await gateway.request({ method: "POST", path: "/v1/sql?format=json", body });
  const result = await readQueryRows(gateway.chunks(answer), limit);
  if (isPlan(result)) return print(result.rows.map(([, plan]) => `${plan?.trimEnd()}\n`).join(""));
  const columns = result.columns.map(({ name, type }) => ({ name, alignRight: numericTypes.test(type) }));
  const { text, isCut } = renderTable(columns, result.rows, tableStyle());
  await print(`${text}${footer(result, performance.now() - started)}\n`);
  if (!result.end) note(`There are more rows: --limit ROWS shows more, --format csv gives all.`);
  if (isCut) note("Long values are cut: --format csv or json gives them whole.");
}

/** EXPLAIN draws its plan with lines of its own. */
function isPlan({ columns }: QueryRows): boolean {
  return columns.map(({ name }) => name).join() === "explain_key,explain_value";
}

function footer({ rows, end }: QueryRows, elapsedMs: number): string {
  const count = end ? asCount(end.row_count, "row") : `${asCount(rows.length, "row")}, and more`;
  return `${count} (${asTime(elapsedMs)})`;
}

/** A scalar of JSON where it is one that JavaScript holds exactly, else text. */
function asParameter(text: string): QueryParameter {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return text; // no JSON: a text
  }
  if (typeof value === "number") return String(value) === text ? value : text;
  return value === null || typeof value !== "object" ? (value as QueryParameter) : text;
}
