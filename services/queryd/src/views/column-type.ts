import { isColumnType, LakehouseError } from "@lakehouse/core";

/**
 * A type goes into SQL as it is, so it has to be one.
 * @throws LakehouseError `dataset_unavailable`
 */
export function columnType(type: string): string {
  if (isColumnType(type)) return type;
  throw new LakehouseError("dataset_unavailable", `${JSON.stringify(type.slice(0, 160))} is not the type of a column.`);
}
