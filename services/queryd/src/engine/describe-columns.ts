import {
  type DuckDBConnection,
  type DuckDBPreparedStatement,
  type DuckDBType,
  DuckDBTypeId,
  StatementType,
} from "@duckdb/node-api";
import { LakehouseError } from "@lakehouse/core";
import { bindParameters, type Parameters, runPrepared } from "./parameters.ts";
import { columnAliases, type ResultColumn } from "./result-columns.ts";

/**
 * What columns a vetted SELECT gives, without running it. Errors are in terms of the statement as the client wrote it.
 * @throws the engine's error; LakehouseError `invalid_request` where the parameters do not fit
 */
export async function describeColumns(
  connection: DuckDBConnection,
  { sql, parameters }: { sql: string; parameters: Parameters },
): Promise<ResultColumn[]> {
  const prepared = await connection.prepare(sql);
  try {
    assertSelect(prepared);
    bindParameters(prepared, parameters);
    const columns =
      parameters.length === 0 ? preparedColumns(prepared) : await boundColumns(connection, sql, parameters, prepared);
    return await spellTypes(connection, sql, parameters, columns);
  } finally {
    prepared.destroySync();
  }
}

/** The gate has let a SELECT pass; DuckDB has to call it one too. */
function assertSelect({ statementType }: DuckDBPreparedStatement): void {
  if (statementType === StatementType.SELECT) return;
  throw new LakehouseError("statement_not_allowed", "Only SELECT is served, in all its forms.");
}

type NamedType = Pick<ResultColumn, "name" | "type">;

function preparedColumns(prepared: DuckDBPreparedStatement): NamedType[] {
  return columnNames(prepared).map((name, index) => ({ name, type: prepared.columnType(index) }));
}

function columnNames(prepared: DuckDBPreparedStatement): string[] {
  return Array.from({ length: prepared.columnCount }, (_, index) => prepared.columnName(index));
}

/**
 * With parameters a type is known only once they are bound, which DuckDB does when it runs. A name given twice comes back
 * as `a_1` where DuckDB could not name the columns before.
 */
async function boundColumns(
  connection: DuckDBConnection,
  sql: string,
  parameters: Parameters,
  prepared: DuckDBPreparedStatement,
): Promise<NamedType[]> {
  const empty = await runPrepared(connection, `SELECT * FROM (${sql}\n) LIMIT 0`, parameters);
  const areNamed = prepared.columnCount === empty.columnCount && prepared.columnTypeId(0) !== DuckDBTypeId.INVALID;
  const names = areNamed ? columnNames(prepared) : empty.columnNames();
  return empty.columnTypes().map((type, index) => ({ name: names[index]!, type }));
}

const typesWithParts = new Set([
  DuckDBTypeId.LIST,
  DuckDBTypeId.ARRAY,
  DuckDBTypeId.STRUCT,
  DuckDBTypeId.MAP,
  DuckDBTypeId.UNION,
  DuckDBTypeId.ENUM,
]);

/** Types made of others are spelled by the engine: node-api quotes the names in them otherwise than DuckDB. */
async function spellTypes(
  connection: DuckDBConnection,
  sql: string,
  parameters: Parameters,
  columns: NamedType[],
): Promise<ResultColumn[]> {
  const isPlain = columns.every(({ type }) => !typesWithParts.has(type.typeId));
  const spelled = isPlain
    ? columns.map(({ type }) => plainName(type))
    : await typeNames(connection, sql, parameters, columns);
  return columns.map(({ name, type }, index) => ({ name, type, typeName: spelled[index]! }));
}

function plainName(type: DuckDBType): string {
  return type.alias ?? String(type);
}

/** One row of NULLs that have the columns' types. */
async function typeNames(
  connection: DuckDBConnection,
  sql: string,
  parameters: Parameters,
  columns: NamedType[],
): Promise<string[]> {
  const aliases = columnAliases(columns);
  const types = aliases.map((alias) => `typeof(${alias})`).join(", ");
  const row = await runPrepared(
    connection,
    `SELECT ${types} FROM (VALUES (1)) LEFT JOIN (FROM (${sql}\n) LIMIT 0) AS t(${aliases.join(", ")}) ON true`,
    parameters,
  );
  return (await row.getRows())[0]!.map(String);
}
