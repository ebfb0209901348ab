import { DAY_LENGTH, readDay, readTwoDigits } from "./day.ts";

const ZERO = 0x30;
const NINE = 0x39;
const PLUS = 0x2b;
const MINUS = 0x2d;
const COLON = 0x3a;
const POINT = 0x2e;
const SPACE = 0x20;
const UPPER_T = 0x54;
const UPPER_Z = 0x5a;

/** Length of `YYYY-MM-DDTHH:MM:SS`, the shortest timestamp. */
const SECONDS_LENGTH = 19;
/** Length of `+HH:MM`. */
const OFFSET_LENGTH = 6;
const FRACTION_DIGITS_MAX = 6;

/**
 * Reads `YYYY-MM-DD`, `T` or one space, `HH:MM:SS`, at most 6 digits of fraction, and `Z`, `±HH:MM` or nothing. One reader
 * is used for many values: what it read last is in its fields.
 */
export class InstantReader {
  /** Seconds from 1970-01-01 00:00:00 (in UTC where an offset was given). */
  seconds = 0;
  micros = 0;
  /** An offset or `Z` was given. */
  zoned: boolean = false;

  /** @returns whether the text is a timestamp */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start < SECONDS_LENGTH) return false;
    const separator = bytes[start + DAY_LENGTH];
    if (separator !== UPPER_T && separator !== SPACE) return false;
    const seconds = readDay(bytes, start) * 86_400 + readTime(bytes, start + DAY_LENGTH + 1);
    if (Number.isNaN(seconds)) return false;
    this.seconds = seconds;
    const zone = this.#readFraction(bytes, start + SECONDS_LENGTH, end);
    return zone !== -1 && this.#readZone(bytes, zone, end);
  }

  /** @returns where the fraction ends, or -1 */
  #readFraction(bytes: Uint8Array, start: number, end: number): number {
    this.micros = 0;
    if (start >= end || bytes[start] !== POINT) return start;
    let position = start + 1;
    for (; position < end && bytes[position]! >= ZERO && bytes[position]! <= NINE; position++) {
      this.micros = this.micros * 10 + (bytes[position]! - ZERO);
    }
    const digits = position - start - 1;
    if (digits < 1 || digits > FRACTION_DIGITS_MAX) return -1;
    this.micros *= 10 ** (FRACTION_DIGITS_MAX - digits);
    return position;
  }

  #readZone(bytes: Uint8Array, start: number, end: number): boolean {
    this.zoned = start < end;
    if (!this.zoned) return true;
    if (end - start === 1) return bytes[start] === UPPER_Z;
    const sign = bytes[start];
    if (end - start !== OFFSET_LENGTH || (sign !== PLUS && sign !== MINUS) || bytes[start + 3] !== COLON) return false;
    const hours = readTwoDigits(bytes, start + 1);
    const minutes = readTwoDigits(bytes, start + 4);
    if (!(hours <= 23 && minutes <= 59)) return false;
    const offset = hours * 3600 + minutes * 60;
    this.seconds += sign === PLUS ? -offset : offset;
    return true;
  }
}

/** Seconds of `HH:MM:SS` (00–23, 00–59, 00–59), or NaN. */
function readTime(bytes: Uint8Array, start: number): number {
  if (bytes[start + 2] !== COLON || bytes[start + 5] !== COLON) return Number.NaN;
  const hours = readTwoDigits(bytes, start);
  const minutes = readTwoDigits(bytes, start + 3);
  const seconds = readTwoDigits(bytes, start + 6);
  if (!(hours <= 23 && minutes <= 59 && seconds <= 59)) return Number.NaN;
  return hours * 3600 + minutes * 60 + seconds;
}
