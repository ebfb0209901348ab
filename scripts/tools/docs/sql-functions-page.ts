import { allowedFunctionPrefixes, allowedFunctions, allowedTableFunctions } from "@lakehouse/queryd/internals";

/** docs/sql-functions.md: what a query may call. */
export function sqlFunctionsPage(): string {
  const isName = (name: string) => /^[a-z]/.test(name) && !name.startsWith("__");
  const named = [...allowedFunctions].filter(isName);
  const operators = [...allowedFunctions].filter((name) => !isName(name) && !name.startsWith("__"));
  return `# Functions of SQL

Generated from \`services/queryd/src/guard/allowed-functions.ts\` by \`just format\`.

A query may call what depends on its arguments alone, and on the clock or a random number. Whatever reaches a file, the network, a
setting, the environment or a secret is refused with \`statement_not_allowed\`. [DuckDB's manual](https://duckdb.org/docs/stable/sql/functions/overview)
tells what each of them does.

## After FROM

${columns([...allowedTableFunctions])}

## In expressions

${columns(named)}

Also every \`${allowedFunctionPrefixes.join("…`, `")}…\`, a collation of ICU each.

## Operators

${operators.map((operator) => `\`\`${operator}\`\``).join(" ")}
`;
}

/** By first letter, so that a name is found. */
function columns(names: string[]): string {
  const byLetter = Map.groupBy(
    names.toSorted((a, b) => (a < b ? -1 : 1)),
    (name) => name[0]!,
  );
  return [...byLetter.values()].map((group) => group.map((name) => `\`${name}\``).join(" ")).join("\n\n");
}
