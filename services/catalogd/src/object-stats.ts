import type { ColumnStats, DatasetObject } from "@lakehouse/contracts";
import { LakehouseError } from "@lakehouse/core";

/** How the bounds of a column are spelled in JSON, by its type; other types are not checked. */
const spellings: Record<string, (bound: NonNullable<ColumnStats["min"]>) => boolean> = {
  BIGINT: isInteger,
  DOUBLE: (bound) => typeof bound === "number",
  BOOLEAN: (bound) => typeof bound === "boolean",
  DATE: (bound) => typeof bound === "string",
  TIMESTAMP: (bound) => typeof bound === "string",
  TIMESTAMPTZ: (bound) => typeof bound === "string",
  VARCHAR: (bound) => typeof bound === "string",
};

/**
 * Checks the statistics of an object: no more NULLs than rows, bounds that are values of their column, the least not above
 * the greatest. Statistics of a column that the dataset does not have are left alone; nobody reads them.
 * @param types by column name
 * @throws LakehouseError `invalid_request`
 */
export function assertStats({ key, row_count, stats = {} }: DatasetObject, types: ReadonlyMap<string, string>): void {
  for (const [column, values] of Object.entries(stats)) {
    const fault = faultIn(values, row_count, types.get(column));
    if (fault === undefined) continue;
    const sentence = `The statistics of the column ${JSON.stringify(column.slice(0, 160))} in ${key} ${fault}.`;
    throw new LakehouseError("invalid_request", sentence);
  }
}

function faultIn({ min, max, null_count }: ColumnStats, rows: number, type: string | undefined): string | undefined {
  if (null_count > rows) return `count ${null_count} NULLs in ${rows} rows`;
  if (type === undefined) return undefined;
  const fits = spellings[type.toUpperCase()] ?? (() => true);
  for (const bound of [min, max]) if (bound !== null && !fits(bound)) return `have a bound that is not a ${type}`;
  return typeof min === "number" && typeof max === "number" && min > max ? "have a min above their max" : undefined;
}

/** A 64-bit integer past 2^53 is text. */
function isInteger(bound: NonNullable<ColumnStats["min"]>): boolean {
  if (typeof bound === "number") return Number.isSafeInteger(bound);
  return typeof bound === "string" && /^-?\d{1,19}$/.test(bound);
}
