import { LakehouseError } from "@lakehouse/core";
import { type Explain, firstWord, readStatementText } from "./statement-text.ts";
import { gateTree, type NameLookup, type Reads } from "./tree-gate.ts";

/** What the guard asks of the engine; neither call binds a name, so neither opens a file. */
export interface StatementParser {
  /** The answer of `json_serialize_sql`. */
  serialize(sql: string): Promise<string>;
  /** @throws LakehouseError `sql_error` with the parser's message and the place in `sql` */
  parse(sql: string): Promise<void>;
}

export interface VettedStatement extends Reads {
  /** One SELECT that reads nothing but `datasets` and, where `listsCatalog`, the names and columns of others; without EXPLAIN. */
  sql: string;
  explain: Explain | undefined;
}

interface Serialized {
  error: boolean;
  error_message?: string;
  statements?: { node: unknown }[];
}

/**
 * Lets one read-only statement over the datasets pass, judged by its parse tree before anything is bound.
 * @throws LakehouseError `statement_not_allowed`, `sql_error`, `invalid_request` where there is no statement
 */
export async function vetStatement(sql: string, parser: StatementParser, names: NameLookup): Promise<VettedStatement> {
  // A C string ends at NUL: what is parsed here would not be what runs.
  if (sql.includes("\0")) throw invalid("has a NUL character");
  const statement = readStatementText(sql);
  if (statement.sql === "") throw invalid("holds no statement");
  if (statement.explain === "unknown") throw refused("Of EXPLAIN's options, ANALYZE and FORMAT are served.");
  if (statement.explain?.analyze && statement.explain.format !== "text") {
    throw refused("EXPLAIN ANALYZE is served as text only.");
  }
  const tree = await parseSelect(statement.sql, parser);
  const { datasets, listsCatalog } = gate(tree, names);
  return { sql: statement.sql, explain: statement.explain, datasets, listsCatalog };
}

async function parseSelect(sql: string, parser: StatementParser): Promise<unknown> {
  const { error, error_message: reason = "", statements = [] } = readTree(await parser.serialize(sql));
  if (error) {
    if (!reason.startsWith("Only SELECT")) await parser.parse(sql); // says what is wrong, and where
    throw refused(`Only SELECT is served, in all its forms; this begins with ${firstWord(sql) ?? "no word"}.`);
  }
  if (statements.length !== 1) throw refused(`One statement a request; this has ${statements.length}.`);
  return statements[0]!.node;
}

/** `1e400` is Infinity to DuckDB, which it writes as such: a word that JSON has not, and that no string holds behind a bare `":`. */
function readTree(text: string): Serialized {
  return JSON.parse(text.replace(/(?<="value":)-?(?:Infinity|NaN)(?=[,}])/g, "null")) as Serialized;
}

function gate(tree: unknown, names: NameLookup): Reads {
  try {
    return gateTree(tree, names);
  } catch (error) {
    if (error instanceof RangeError) throw refused("The statement is nested too deeply."); // the stack's end
    throw error;
  }
}

function invalid(message: string): LakehouseError {
  return new LakehouseError("invalid_request", `sql: ${message}`, { details: [{ path: "sql", message }] });
}

function refused(message: string): LakehouseError {
  return new LakehouseError("statement_not_allowed", message);
}
