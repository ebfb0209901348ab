import { type Column, queryResultSchema } from "@lakehouse/contracts";
import { CliError, exitCodes } from "../terminal/cli-error.ts";
import type { Cell } from "../terminal/table.ts";
import { elementsOf, JsonElements } from "./json-elements.ts";

export interface QueryRows {
  columns: Column[];
  rows: Cell[][];
  /** Figures of the whole result; undefined when its end was not read. */
  end: { row_count: number; elapsed_ms: number } | undefined;
}

const headSchema = queryResultSchema.pick({ columns: true });
const endSchema = queryResultSchema.pick({ row_count: true, elapsed_ms: true });

/** Only a key of the answer itself can look like this: in a name or value, the quotes would be escaped. */
const rowsKey = '"rows":[';

/** Reads the JSON of `POST /sql` until it has `rowsMax` rows and knows that there are more; what comes after is left unread. */
export async function readQueryRows(body: AsyncIterable<Uint8Array>, rowsMax: number): Promise<QueryRows> {
  const decoder = new TextDecoder();
  const scanner = new JsonElements();
  const rows: Cell[][] = [];
  let head = "";
  let columns: Column[] | undefined;
  let rest = "";
  for await (const bytes of body) {
    let chunk = decoder.decode(bytes, { stream: true });
    if (!columns) {
      head += chunk;
      const at = head.indexOf(rowsKey);
      if (at < 0) continue;
      columns = parsed(headSchema, `${head.slice(0, at)}"rows":[]}`).columns;
      chunk = head.slice(at + rowsKey.length);
    }
    if (scanner.isOver) {
      rest += chunk;
      continue;
    }
    const fed = scanner.feed(chunk);
    rest = fed.rest;
    for (const row of fed.elements) {
      if (rows.length === rowsMax) return { columns, rows, end: undefined };
      rows.push(elementsOf(row).map(asCell));
    }
  }
  if (!columns) throw noResult();
  return { columns, rows, end: parsed(endSchema, `{"rows":[]${rest}`) };
}

/** @throws CliError `failed` */
function parsed<T>(schema: { parse(value: unknown): T }, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw noResult(); // not JSON, or another shape: the same to a person
  }
}

function noResult(): CliError {
  return new CliError(exitCodes.failed, "The answer is not a result of SQL.");
}

/** Texts without their quotes; numbers, lists and objects as they were sent. */
function asCell(json: string): Cell {
  if (json === "null") return null;
  return json.startsWith('"') ? (JSON.parse(json) as string) : json;
}
