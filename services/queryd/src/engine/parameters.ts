import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  type DuckDBMaterializedResult,
  type DuckDBPreparedStatement,
  type DuckDBType,
  HUGEINT,
  INTEGER,
  SQLNULL,
  VARCHAR,
} from "@duckdb/node-api";
import type { QueryParameter } from "@lakehouse/contracts";
import { LakehouseError } from "@lakehouse/core";

export type Parameters = readonly QueryParameter[];

const INTEGER_MAX = 2 ** 31 - 1;

/** @throws LakehouseError `invalid_request` where there are more or fewer values than the statement asks for */
export function bindParameters(prepared: DuckDBPreparedStatement, parameters: Parameters): void {
  const { parameterCount } = prepared;
  if (parameterCount !== parameters.length) {
    const taken = `${parameterCount} ${parameterCount === 1 ? "value" : "values"}`;
    const message = `the statement takes ${taken}, and is given ${parameters.length}.`;
    throw new LakehouseError("invalid_request", `params: ${message}`, { details: [{ path: "params", message }] });
  }
  for (const [index, value] of parameters.entries()) {
    const type = parameterType(value);
    prepared.bindValue(index + 1, type === BIGINT ? BigInt(value as number | bigint) : value, type);
  }
}

/** Runs a statement whose result is small. */
export async function runPrepared(
  connection: DuckDBConnection,
  sql: string,
  parameters: Parameters,
): Promise<DuckDBMaterializedResult> {
  const prepared = await connection.prepare(sql);
  try {
    bindParameters(prepared, parameters);
    return await prepared.run();
  } finally {
    prepared.destroySync();
  }
}

/** JSON has one kind of number: whole ones are integers to SQL, as LIMIT and list positions need them. */
export function parameterType(value: QueryParameter): DuckDBType {
  if (value === null) return SQLNULL;
  if (typeof value === "string") return VARCHAR;
  if (typeof value === "boolean") return BOOLEAN;
  if (typeof value === "bigint") return BigInt.asIntN(64, value) === value ? BIGINT : HUGEINT;
  if (!Number.isSafeInteger(value)) return DOUBLE;
  return Math.abs(value) <= INTEGER_MAX ? INTEGER : BIGINT;
}
