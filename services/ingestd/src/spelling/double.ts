const ZERO = 0x30;
const NINE = 0x39;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const UPPER_E = 0x45;
const LOWER_E = 0x65;

const SIGNIFICANT_DIGITS_MAX = 17;
const MAGNITUDE_MIN = 1e-300;
const MAGNITUDE_MAX = 1e300;

const WHOLE_MAX = 2 ** 53;
/** The 2 of 9007199254740992. */
const WHOLE_MAX_LAST_DIGIT = 0x32;

/** A mantissa of 15 digits and a power of ten up to 22 are both exact, so one operation on them rounds right (Clinger 1990). */
const EXACT_DIGITS_MAX = 15;
const POWERS_OF_TEN = Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));

/**
 * The value of `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?` with at most 17 significant digits, zero or within
 * 1e-300 … 1e300; an integer only within ±2^53, and not `-0`. NaN for any other spelling.
 */
export function readDouble(bytes: Uint8Array, start: number, end: number): number {
  const negative = bytes[start] === MINUS;
  const first = negative ? start + 1 : start;
  let position = first;
  let mantissa = 0;
  let digits = 0;
  for (; position < end && isDigit(bytes[position]!); position++) {
    mantissa = mantissa * 10 + (bytes[position]! - ZERO);
    if (mantissa !== 0) digits++;
  }
  if (position === first || (bytes[first] === ZERO && position > first + 1)) return Number.NaN;
  if (position === end) return wholeNumber(mantissa, bytes[end - 1]!, negative);

  let power = 0;
  if (bytes[position] === POINT) {
    const fraction = ++position;
    for (; position < end && isDigit(bytes[position]!); position++) {
      mantissa = mantissa * 10 + (bytes[position]! - ZERO);
      if (mantissa !== 0) digits++;
    }
    if (position === fraction) return Number.NaN;
    power = fraction - position;
  }
  if (position < end) {
    const exponent = readExponent(bytes, position, end);
    if (Number.isNaN(exponent)) return Number.NaN;
    power += exponent;
  }
  if (digits > SIGNIFICANT_DIGITS_MAX) return Number.NaN;
  if (mantissa === 0) return negative ? -0 : 0;
  const magnitude =
    digits <= EXACT_DIGITS_MAX && power >= -22 && power <= 22
      ? scale(mantissa, power)
      : Math.abs(Number(ascii(bytes, start, end)));
  if (magnitude < MAGNITUDE_MIN || magnitude > MAGNITUDE_MAX) return Number.NaN;
  return negative ? -magnitude : magnitude;
}

/** Past 2^53 an integer may fall together with its neighbour: 2^53 + 1 already arrives here as 2^53, with another last digit. */
function wholeNumber(value: number, lastDigit: number, negative: boolean): number {
  if (value === 0) return negative ? Number.NaN : 0;
  if (value > WHOLE_MAX || (value === WHOLE_MAX && lastDigit !== WHOLE_MAX_LAST_DIGIT)) return Number.NaN;
  return negative ? -value : value;
}

/** @returns the exponent spelled by `[eE][+-]?[0-9]+` up to `end`, or NaN */
function readExponent(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] !== UPPER_E && bytes[start] !== LOWER_E) return Number.NaN;
  const sign = bytes[start + 1];
  const first = sign === MINUS || sign === PLUS ? start + 2 : start + 1;
  if (first >= end) return Number.NaN;
  let exponent = 0;
  for (let position = first; position < end; position++) {
    if (!isDigit(bytes[position]!)) return Number.NaN;
    exponent = exponent * 10 + (bytes[position]! - ZERO);
  }
  return sign === MINUS ? -exponent : exponent;
}

function scale(mantissa: number, power: number): number {
  return power < 0 ? mantissa / POWERS_OF_TEN[-power]! : mantissa * POWERS_OF_TEN[power]!;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

function ascii(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
}
