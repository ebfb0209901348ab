import stringWidth from "string-width";

/** Columns of a terminal that a value gets before it is cut. */
const CELL_WIDTH_MAX = 60;

export interface TableColumn {
  name: string;
  /** Numbers stand under each other by their last digit. */
  alignRight: boolean;
}

/** A value as text, or NULL. */
export type Cell = string | null;

export interface Table {
  text: string;
  /** Set when some value did not fit. */
  isCut: boolean;
}

/** Lines up what a terminal shows, by the columns that it takes: wide characters count two, combining ones none. */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly Cell[])[],
  style = plainStyle,
): Table {
  const shown = rows.map((row) => row.map((cell) => shownCell(cell)));
  const names = columns.map(({ name }) => shownCell(name));
  const widths = names.map((name, index) =>
    Math.max(stringWidth(name), ...shown.map((row) => stringWidth(row[index]!))),
  );
  const line = (cells: string[], decorate: (text: string, index: number) => string) =>
    cells
      .map((cell, index) => ` ${decorate(padded(cell, widths[index]!, columns[index]!.alignRight), index)} `)
      .join("│")
      .trimEnd();
  const lines = [
    line(names, style.heading),
    widths.map((width) => "─".repeat(width + 2)).join("┼"),
    ...shown.map((cells, row) =>
      line(cells, (text, index) => (rows[row]![index] === null ? style.nothing(text) : text)),
    ),
  ];
  const isCut = rows.some((row) => row.some((cell) => cell !== null && stringWidth(printable(cell)) > CELL_WIDTH_MAX));
  return { text: `${lines.join("\n")}\n`, isCut };
}

export interface TableStyle {
  heading(text: string): string;
  nothing(text: string): string;
}

export const plainStyle: TableStyle = { heading: (text) => text, nothing: (text) => text };
/** ANSI: bold names, NULLs dim, so that they differ from a text that says NULL. */
export const terminalStyle: TableStyle = {
  heading: (text) => `\u001b[1m${text}\u001b[22m`,
  nothing: (text) => `\u001b[2m${text}\u001b[22m`,
};

function shownCell(cell: Cell): string {
  return cell === null ? "NULL" : cut(printable(cell));
}

/** Control characters, and those that turn the direction of text, would work on the terminal instead of being seen. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: C0, DEL and C1 are what this replaces.
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[character];
    return short ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

function cut(text: string): string {
  if (text.length <= CELL_WIDTH_MAX / 2 || stringWidth(text) <= CELL_WIDTH_MAX) return text;
  let kept = "";
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    width += stringWidth(segment);
    if (width >= CELL_WIDTH_MAX) break;
    kept += segment;
  }
  return `${kept}…`;
}

function padded(text: string, width: number, alignRight: boolean): string {
  const space = " ".repeat(width - stringWidth(text));
  return alignRight ? space + text : text + space;
}
