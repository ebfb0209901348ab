import { type ColumnType, columnTypes } from "@lakehouse/contracts";
import { LakehouseError } from "@lakehouse/core";

/** `name:TYPE`, then a comma or the end; the name is the shortest text that leaves a type, so it may hold commas and colons. */
const entry = new RegExp(`(.+?):(${columnTypes.join("|")})(?:,|$)`, "iuys");

/**
 * What the client asks of the types, by column name: `zip:VARCHAR,paid:DOUBLE`.
 * @throws LakehouseError `invalid_request` where it is spelled otherwise, or names a column twice
 */
export function parseTypeOverrides(text: string | undefined): Record<string, ColumnType> {
  const overrides = new Map<string, ColumnType>();
  entry.lastIndex = 0;
  while (text !== undefined && entry.lastIndex < text.length) {
    const at = entry.lastIndex;
    const [, name, type] = entry.exec(text) ?? [];
    if (name === undefined) throw invalid(`${JSON.stringify(text.slice(at, at + 80))} is not name:TYPE`);
    if (overrides.has(name)) throw invalid(`${JSON.stringify(name)} is there twice`);
    overrides.set(name, type!.toUpperCase() as ColumnType);
  }
  return Object.fromEntries(overrides);
}

function invalid(reason: string): LakehouseError {
  const message = `${reason}; types are ${columnTypes.join(", ")}.`;
  return new LakehouseError("invalid_request", `types: ${message}`, { details: [{ path: "types", message }] });
}
