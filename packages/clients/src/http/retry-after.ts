import { readHttpDate } from "./http-date.ts";

/** Longest wait that is believed and passed on, in seconds: no account is counted by longer periods than a month. */
export const RETRY_AFTER_SECONDS_MAX = 31 * 86_400;

export type AnswerHeaders = Record<string, string | string[] | undefined>;

/**
 * How long an answer asks to wait: a whole number of seconds, rounded up, from 0 to RETRY_AFTER_SECONDS_MAX; undefined where it names no
 * valid time. Takes seconds and fractions of them, HTTP dates (RFC 9110 §10.2.3), ISO 8601, and `retry-after-ms`, which OpenAI and
 * Azure send. The longest counts of several: nobody is then asked sooner than told.
 * @param now milliseconds; dates are compared with the answer's own `Date` where it has one, since the two clocks may differ
 */
export function readRetryAfter(headers: AnswerHeaders, now: number = Date.now()): number | undefined {
  const [sent = now] = valuesOf(headers["date"]).flatMap(timeOf);
  const seconds = [
    ...valuesOf(headers["retry-after"]).flatMap(numberOf),
    ...valuesOf(headers["retry-after"]).flatMap((text) => timeOf(text).map((time) => (time - sent) / 1_000)),
    ...valuesOf(headers["retry-after-ms"]).flatMap((text) => numberOf(text).map((ms) => ms / 1_000)),
  ];
  if (seconds.length === 0) return undefined;
  return Math.min(RETRY_AFTER_SECONDS_MAX, Math.max(0, Math.ceil(Math.max(...seconds))));
}

/** Headers that came twice, or whose values a proxy joined; the comma within a date separates nothing. */
function valuesOf(header: string | string[] | undefined): string[] {
  const texts = [header ?? []].flat();
  return texts.flatMap((text) => text.split(/,(?!\s*\d\d[ -][A-Z])/)).map((text) => text.trim());
}

/** Nothing for what is negative, signed, or in another notation than decimal. */
function numberOf(text: string): number[] {
  return /^(\d+\.?\d*|\.\d+)$/.test(text) ? [Number(text)] : [];
}

function timeOf(text: string): number[] {
  const time = isoPattern.test(text) ? Date.parse(text) : readHttpDate(text);
  return time === undefined || Number.isNaN(time) ? [] : [time];
}

const isoPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;
