import type { DuckDBType } from "@duckdb/node-api";

/** A column of a result, as it is described to clients and as it is rendered. */
export interface ResultColumn {
  /** As the statement names it; two columns may share a name. */
  name: string;
  type: DuckDBType;
  /** DuckDB's own spelling, such as `DECIMAL(18,3)` or `STRUCT(a INTEGER)`. */
  typeName: string;
}

/** How the wrapped statement calls its columns, whatever the client does: c0, c1, … */
export function columnAliases({ length }: { length: number }): string[] {
  return Array.from({ length }, (_, index) => `c${index}`);
}

/** For formats in which a name can stand only once (without regard to case, as in SQL): a, a_1, a_2. */
export function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let unique = name;
    for (let count = 1; taken.has(unique.toLowerCase()); count++) unique = `${name}_${count}`;
    taken.add(unique.toLowerCase());
    return unique;
  });
}
