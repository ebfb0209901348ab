const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const month = `(?<month>${months.join("|")})`;
const clock = String.raw`(?<hours>[01]\d|2[0-3]):(?<minutes>[0-5]\d):(?<seconds>[0-5]\d|60)`;

/** Sun, 06 Nov 1994 08:49:37 GMT · Sunday, 06-Nov-94 08:49:37 GMT · Sun Nov  6 08:49:37 1994 */
const patterns = [
  String.raw`^[A-Z][a-z]{2}, (?<day>\d\d) ${month} (?<year>\d{4}) ${clock} GMT$`,
  String.raw`^[A-Z][a-z]+, (?<day>\d\d)-${month}-(?<year>\d\d) ${clock} GMT$`,
  String.raw`^[A-Z][a-z]{2} ${month} (?<day>[ \d]\d) ${clock} (?<year>\d{4})$`,
].map((source) => new RegExp(source));

/**
 * The milliseconds of an HTTP date in any of its three spellings (RFC 9110 §5.6.7); undefined for anything else. `Date.parse` would take
 * the third for local time, and `-5` for May 2001.
 */
export function readHttpDate(text: string): number | undefined {
  for (const pattern of patterns) {
    const parts = pattern.exec(text)?.groups as DateParts | undefined;
    if (parts) return timeOf(parts);
  }
  return undefined;
}

interface DateParts {
  day: string;
  month: string;
  year: string;
  hours: string;
  minutes: string;
  seconds: string;
}

/** Undefined for a day that its month does not have. */
function timeOf({ day, month, year, hours, minutes, seconds }: DateParts): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(yearOf(year), months.indexOf(month), Number(day)); // `Date.UTC` would take the year 99 for 1999
  if (date.getUTCDate() !== Number(day)) return undefined;
  return date.setUTCHours(Number(hours), Number(minutes), Number(seconds));
}

/** Two digits name the latest year of that ending which is at most 50 years ahead. */
function yearOf(text: string): number {
  if (text.length > 2) return Number(text);
  const latest = new Date().getUTCFullYear() + 50;
  return latest - ((latest - Number(text)) % 100);
}
