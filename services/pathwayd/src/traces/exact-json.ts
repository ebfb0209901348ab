/** A number that a double can't hold, as it was written. TypeScript's library does not know these parts of `JSON` yet. */
interface RawNumber {
  readonly rawJSON: string;
}

interface JsonWithSource {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  rawJSON(source: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
}

const json = JSON as unknown as JsonWithSource;

/** Sixteen digits, or an exponent of two: only such numbers can lose something. Few texts have them, so few pay for the reviver. */
const suspicious = /[\d.]{16}|\d[eE][+-]?\d\d/;

export const isRawNumber = json.isRawJSON;

/**
 * As `JSON.parse`, but a number that a double would change (`12345678901234567890`, `1e400`) becomes a raw one, which
 * `JSON.stringify` writes as it came.
 * @throws SyntaxError
 */
export function parseExactly(text: string): unknown {
  if (!suspicious.test(text)) return JSON.parse(text);
  return json.parse(text, (_key, value, { source }) =>
    typeof value === "number" && source !== undefined && !isKept(value, source) ? json.rawJSON(source) : value,
  );
}

function isKept(value: number, source: string): boolean {
  return Number.isFinite(value) && decimal(String(value)) === decimal(source);
}

/** The one spelling of a decimal number: digits without zeros at either end, and the power of ten behind them. */
function decimal(text: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  return `${sign}${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
