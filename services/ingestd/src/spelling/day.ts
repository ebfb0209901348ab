const ZERO = 0x30;
const NINE = 0x39;
const DASH = 0x2d;

/** Length of `YYYY-MM-DD`. */
export const DAY_LENGTH = 10;

const DAYS_BEFORE_MONTH = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
const DAYS_OF_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const DAYS_TO_1970 = 719_162;

/** Days from 1970-01-01 to the day `YYYY-MM-DD` at `start`, a day that exists in years 0001 to 9999; NaN for any other spelling. */
export function readDay(bytes: Uint8Array, start: number): number {
  if (bytes[start + 4] !== DASH || bytes[start + 7] !== DASH) return Number.NaN;
  const year = readTwoDigits(bytes, start) * 100 + readTwoDigits(bytes, start + 2);
  const month = readTwoDigits(bytes, start + 5);
  const day = readTwoDigits(bytes, start + 8);
  // Written so that NaN fails each comparison.
  if (!(year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysOfMonth(year, month))) return Number.NaN;
  const years = year - 1;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  const leapDay = month > 2 && isLeap(year) ? 1 : 0;
  return years * 365 + leapDays + DAYS_BEFORE_MONTH[month - 1]! + leapDay + day - 1 - DAYS_TO_1970;
}

/** 0 to 99, or NaN. */
export function readTwoDigits(bytes: Uint8Array, start: number): number {
  const tens = bytes[start]!;
  const ones = bytes[start + 1]!;
  if (tens < ZERO || tens > NINE || ones < ZERO || ones > NINE) return Number.NaN;
  return (tens - ZERO) * 10 + (ones - ZERO);
}

function daysOfMonth(year: number, month: number): number {
  return month === 2 && isLeap(year) ? 29 : DAYS_OF_MONTH[month - 1]!;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
