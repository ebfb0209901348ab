const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;

/** So many digits always fit a double exactly. */
const SHORT_DIGITS_MAX = 15;
const LONG_DIGITS_MAX = 19;
const INT64_MAX = 2n ** 63n - 1n;

/** The value of `-?(0|[1-9][0-9]*)` of at most 15 digits, not `-0`; NaN for any other spelling. */
export function readShortInteger(bytes: Uint8Array, start: number, end: number): number {
  const negative = bytes[start] === MINUS;
  const first = negative ? start + 1 : start;
  const digits = end - first;
  if (digits < 1 || digits > SHORT_DIGITS_MAX) return Number.NaN;
  if (bytes[first] === ZERO && (digits > 1 || negative)) return Number.NaN;
  let value = 0;
  for (let position = first; position < end; position++) {
    const byte = bytes[position]!;
    if (byte < ZERO || byte > NINE) return Number.NaN;
    value = value * 10 + (byte - ZERO);
  }
  return negative ? -value : value;
}

/** The same for 16 digits to the ends of int64; undefined for any other spelling. */
export function readLongInteger(bytes: Uint8Array, start: number, end: number): bigint | undefined {
  const negative = bytes[start] === MINUS;
  const first = negative ? start + 1 : start;
  const digits = end - first;
  if (digits <= SHORT_DIGITS_MAX || digits > LONG_DIGITS_MAX || bytes[first] === ZERO) return undefined;
  let value = 0n;
  for (let position = first; position < end; position++) {
    const byte = bytes[position]!;
    if (byte < ZERO || byte > NINE) return undefined;
    value = value * 10n + BigInt(byte - ZERO);
  }
  if (value > (negative ? INT64_MAX + 1n : INT64_MAX)) return undefined;
  return negative ? -value : value;
}
