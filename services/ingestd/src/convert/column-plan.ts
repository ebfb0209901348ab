import type { Column, ColumnType } from "@lakehouse/contracts";
import type { PlannedColumn } from "../columns/create-column.ts";
import { CsvRefusal } from "../csv/csv-refusal.ts";
import { ALL_TYPES, narrowestType, typeBits } from "../spelling/classify.ts";

/** What decides the types of a file besides its values. */
export interface TypeWishes {
  /** By column name, from the client: held against every value. */
  overrides: Record<string, ColumnType>;
  /** The columns of the dataset as registered; undefined for a new one. */
  registered: readonly Column[] | undefined;
}

/** The types that the columns of one file should have, before any value was seen. */
export class ColumnPlan {
  readonly #names: string[];
  readonly #overrides: Map<string, ColumnType>;
  readonly #registered: readonly Column[] | undefined;

  /** @throws CsvRefusal `invalid_request` where an override names no column */
  constructor(names: string[], { overrides, registered }: TypeWishes) {
    this.#names = names;
    this.#overrides = new Map(Object.entries(overrides));
    this.#registered = hasNames(registered, names) ? registered : undefined;
    for (const name of this.#overrides.keys()) if (!names.includes(name)) throw unknownColumn(name);
  }

  /** The type that the client asked for. */
  override(column: number): ColumnType | undefined {
    return this.#overrides.get(this.#names[column]!);
  }

  /**
   * An override stands; a registered type leads where every value reads as it; else the narrowest type that every value reads as.
   * @param types sets of {@link typeBits}, one a column
   * @param repeats whether the values of a column repeat
   */
  resolve(types: readonly number[], repeats: (column: number) => boolean): PlannedColumn[] {
    return this.#names.map((name, column) => {
      const values = types[column]!;
      const type = this.override(column) ?? this.#leading(column, values);
      const isEmpty = type === undefined && values === ALL_TYPES;
      return { name, type: type ?? narrowestType(values), isEmpty, repeats: repeats(column) };
    });
  }

  #leading(column: number, values: number): ColumnType | undefined {
    const type = this.#registered?.[column]?.type;
    return isColumnType(type) && (values & typeBits[type]) !== 0 ? type : undefined;
  }
}

function hasNames(registered: readonly Column[] | undefined, names: string[]): boolean {
  return registered?.length === names.length && registered.every(({ name }, column) => name === names[column]);
}

function isColumnType(type: string | undefined): type is ColumnType {
  return type !== undefined && Object.hasOwn(typeBits, type);
}

function unknownColumn(name: string): CsvRefusal {
  const message = `The file has no column ${JSON.stringify(name)}.`;
  return new CsvRefusal("invalid_request", message, [{ path: "types", message }]);
}
