import type { ErrorCode } from "@lakehouse/contracts";
import { LakehouseError } from "@lakehouse/core";

/** Kinds that are not the statement's fault; all others are `sql_error` with DuckDB's own message. */
const codesOfKinds: Record<string, ErrorCode> = {
  out_of_memory: "query_out_of_memory",
  // Only objects are read, and only by us: what can't be opened or understood is a damaged or missing object.
  io: "dataset_unavailable",
  http: "dataset_unavailable",
  invalid_configuration: "dataset_unavailable",
  permission: "statement_not_allowed",
  interrupt: "query_timeout",
  internal: "internal_error",
  fatal: "internal_error",
  connection: "internal_error",
};

const sentences: Partial<Record<ErrorCode, string>> = {
  query_out_of_memory: "The query needs more memory than queryd.memory_limit allows.",
  dataset_unavailable: "A dataset of the query has objects that can't be read.",
  statement_not_allowed: "The statement reaches for something that is not served.",
  query_timeout: "The query was interrupted.",
};

export interface ErrorOptions {
  /** Folders and URLs of objects: an error that names one is about an object, and is never shown. */
  locations?: readonly string[];
  /** The client's statement: an excerpt ("LINE 1: …") that is no part of it would show ours. */
  sql?: string;
}

/**
 * What the engine threw, as one of our errors. Its text is passed on only where it is about the statement.
 * @returns the error itself where it is no error of the engine
 */
export function explainEngineError(error: unknown, { locations = [], sql = "" }: ErrorOptions = {}): unknown {
  if (!(error instanceof Error) || error instanceof LakehouseError) return error;
  if (error.message.startsWith("Unexpected type id")) return unsendable(error);
  const message = error.message.replace(/^Failed to extract statements: /, "");
  const kind = kindOf(message);
  if (kind === undefined) return error;
  // A place that the statement itself names is quoted from there.
  const namesObject = locations.some((location) => message.includes(location) && !sql.includes(location));
  const code = codesOfKinds[kind] ?? (namesObject ? "dataset_unavailable" : "sql_error");
  if (code === "internal_error") return error; // the server's error handler logs it and says nothing
  if (code !== "sql_error") return new LakehouseError(code, sentences[code]!, { cause: error });
  return new LakehouseError("sql_error", withoutForeignExcerpt(message, sql), { details: { kind } });
}

/**
 * Whether an error can come from the bytes of an object, though it does not say of which: thrift and the decoders of pages know
 * no file. Others of its kind come from statements.
 */
export function isOfAnObject(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof LakehouseError) return false;
  const kind = kindOf(error.message);
  if (kind === "invalid_input") return /unicode|utf-?8/i.test(error.message);
  return kind === "invalid" || kind === "internal" || kind === "serialization" || kind === "io";
}

/** node-api knows no name for DuckDB's TYPE, the type of `get_type(x)`. */
function unsendable(cause: Error): LakehouseError {
  const message = "A column of the result is of a type that can't be sent; cast it to VARCHAR.";
  return new LakehouseError("sql_error", message, { details: { kind: "not_implemented" }, cause });
}

/** `Out of Range Error: …` → `out_of_range` */
function kindOf(message: string): string | undefined {
  const [, name] = /^([A-Za-z][A-Za-z ]*) Error: /i.exec(message) ?? [];
  return name?.toLowerCase().replaceAll(" ", "_");
}

function withoutForeignExcerpt(message: string, sql: string): string {
  return message.replace(/\n+LINE \d+: (?:\.\.\.)?(.*?)(?:\.\.\.)?\n *\^$/, (whole, excerpt: string) =>
    sql.includes(excerpt) ? whole : "",
  );
}
