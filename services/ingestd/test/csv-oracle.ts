import type { ColumnType } from "@lakehouse/contracts";

/** What SPEC §5 says of a CSV file, computed slowly and without a line of ingestd: characters, regular expressions, Date and BigInt. */
export type OracleAnswer =
  | { error: string; line: number | undefined }
  | { error?: undefined; columns: { name: string; type: ColumnType }[]; rows: (string | null)[][] };

class Refusal extends Error {
  readonly code: string;
  readonly line: number | undefined;

  constructor(code: string, line?: number) {
    super(code);
    this.code = code;
    this.line = line;
  }
}

export function readByTheBook(file: string, delimiter: string): OracleAnswer {
  try {
    const [header, ...rows] = records(file.replace(/^\uFEFF/, ""), delimiter);
    if (header === undefined) throw new Refusal("empty_csv");
    checkHeader(header.fields, header.line);
    const values = rows.map(({ fields }) => fields.map((field) => (field === "" ? null : field)));
    const columns = header.fields.map((name, index) => ({ name, type: columnType(values.map((row) => row[index]!)) }));
    return { columns, rows: values };
  } catch (error) {
    if (error instanceof Refusal) return { error: error.code, line: error.line };
    throw error;
  }
}

interface CsvRecord {
  fields: string[];
  line: number;
}

/** One character at a time, as a person would read it aloud. */
function records(text: string, delimiter: string): CsvRecord[] {
  const found: CsvRecord[] = [];
  let at = 0;
  const lineOf = (position: number) => text.slice(0, position).split("\n").length;
  const lineEnd = () => /^(\r\n|\n)/.exec(text.slice(at, at + 2))?.[0];
  while (at < text.length) {
    const start = at;
    const blank = lineEnd();
    const width = found[0]?.fields.length;
    if (blank !== undefined && width !== 1) {
      at += blank.length;
      continue;
    }
    const fields: string[] = [];
    for (;;) {
      fields.push(text[at] === '"' ? quoted() : plain());
      const end = lineEnd();
      if (end !== undefined || at >= text.length) {
        at += end?.length ?? 0;
        break;
      }
      at += 1;
      if (fields.length === width) throw new Refusal("ragged_row", lineOf(start));
    }
    if (width !== undefined && fields.length < width) throw new Refusal("ragged_row", lineOf(start));
    if (found.length === 0) checkHeader(fields, lineOf(start));
    found.push({ fields, line: lineOf(start) });
  }
  return found;

  function plain(): string {
    const start = at;
    while (at < text.length && text[at] !== delimiter && lineEnd() === undefined) {
      if (text[at] === '"') throw new Refusal("invalid_quote", lineOf(at));
      at += 1;
    }
    return text.slice(start, at);
  }

  function quoted(): string {
    const start = at;
    let value = "";
    for (at += 1; ; at += 1) {
      if (at >= text.length) throw new Refusal("unterminated_quote", lineOf(start));
      if (text[at] !== '"') value += text[at];
      else if (text[at + 1] === '"') {
        value += '"';
        at += 1;
      } else break;
    }
    at += 1;
    if (at < text.length && text[at] !== delimiter && lineEnd() === undefined) {
      throw new Refusal("invalid_quote", lineOf(at));
    }
    return value;
  }
}

function checkHeader(names: string[], line: number): void {
  const lower = names.map((name) => name.toLowerCase());
  const unusable = names.some((name) => name === "" || name.includes("\0") || (/\r/.test(name) && !/\n/.test(name)));
  if (unusable || new Set(lower).size < lower.length) throw new Refusal("invalid_header", line);
}

/** The types that one value reads as, narrow to wide. */
export function readsAs(value: string): ColumnType[] {
  const types: ColumnType[] = [];
  if (isBigint(value)) types.push("BIGINT");
  if (isDouble(value)) types.push("DOUBLE");
  if (/^(true|false)$/i.test(value)) types.push("BOOLEAN");
  if (/^\d{4}-\d\d-\d\d$/.test(value) && isDay(value)) types.push("DATE");
  const instant = /^(\d{4}-\d\d-\d\d)[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)?$/;
  const match = instant.exec(value);
  if (match !== null && isDay(match[1]!)) types.push(match[4] === undefined ? "TIMESTAMP" : "TIMESTAMPTZ");
  return [...types, "VARCHAR"];
}

function columnType(values: (string | null)[]): ColumnType {
  const present = values.filter((value) => value !== null);
  if (present.length === 0) return "VARCHAR";
  const [first = [], ...others] = present.map(readsAs);
  return first.find((type) => others.every((types) => types.includes(type)))!;
}

function isBigint(value: string): boolean {
  if (!/^-?(0|[1-9][0-9]*)$/.test(value) || value === "-0") return false;
  return BigInt.asIntN(64, BigInt(value)) === BigInt(value);
}

function isDouble(value: string): boolean {
  const match = /^-?((?:0|[1-9][0-9]*)(?:\.[0-9]+)?)([eE][+-]?[0-9]+)?$/.exec(value);
  if (match === null) return false;
  const [, mantissa = "", exponent] = match;
  if (!mantissa.includes(".") && exponent === undefined) {
    const whole = BigInt(value);
    return value !== "-0" && whole >= -(2n ** 53n) && whole <= 2n ** 53n;
  }
  const significant = mantissa.replace(".", "").replace(/^0+/, "");
  if (significant === "") return true;
  const magnitude = Math.abs(Number(value));
  return significant.length <= 17 && magnitude >= 1e-300 && magnitude <= 1e300;
}

function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return text >= "0001" && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

/** A value as `readBack` gives it. */
export function expectedValue(value: string | null, type: ColumnType): string | null {
  if (value === null) return null;
  switch (type) {
    case "BIGINT":
      return BigInt(value).toString();
    case "DOUBLE":
      return doubleBits(Number(value));
    case "BOOLEAN":
      return value.toLowerCase();
    case "TIMESTAMP":
    case "TIMESTAMPTZ":
      return microseconds(value).toString();
    case "DATE":
      return value;
    case "VARCHAR":
      return Buffer.from(value).toString("hex");
  }
}

function microseconds(value: string): bigint {
  const [, day, time, fraction = "", zone = "Z"] = /^(.{10}).(.{8})(?:\.(\d+))?(.+)?$/.exec(value)!;
  return BigInt(Date.parse(`${day}T${time}${zone}`)) * 1000n + BigInt(fraction.padEnd(6, "0"));
}

/** All 64 bits, so that -0 and the last digit count. */
export function doubleBits(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16);
}
