import { CsvRefusal } from "./csv-refusal.ts";
import { fieldText } from "./field-text.ts";
import type { RowBlock } from "./tokenizer.ts";

/**
 * The column names of a header row, in order.
 * @param line the line that the header starts on
 * @throws CsvRefusal `invalid_header`
 */
export function columnNames(header: RowBlock, line: number): string[] {
  const names = Array.from({ length: header.columns }, (_, column) => fieldText(header, column));
  const seen = new Set<string>();
  for (const [index, name] of names.entries()) {
    const fault = nameFault(name) ?? (seen.has(name.toLowerCase()) ? "is there twice; SQL ignores case" : undefined);
    if (fault !== undefined) throw invalidHeader(index + 1, name, fault, line);
    seen.add(name.toLowerCase());
  }
  return names;
}

function nameFault(name: string): string | undefined {
  if (name === "") return "is empty";
  // DuckDB ends a name at NUL. A bare CR is the line end of a file that has no other, all of which would be the header.
  if (name.includes("\0")) return "has a NUL byte";
  if (name.includes("\r") && !name.includes("\n")) return "has a bare CR: lines end with LF or CRLF";
  return undefined;
}

function invalidHeader(position: number, name: string, fault: string, line: number): CsvRefusal {
  const shown = name === "" ? "" : ` ${JSON.stringify(name.slice(0, 80))}`;
  const message = `Line ${line}: the name of column ${position}${shown} ${fault}.`;
  return new CsvRefusal("invalid_header", message, { line, position, column: name.slice(0, 80) });
}
