import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type AnswerHeaders, RETRY_AFTER_SECONDS_MAX, readRetryAfter } from "./retry-after.ts";

/** Sunday. */
const now = Date.UTC(2026, 10, 29, 12, 0, 0);
const read = (headers: AnswerHeaders) => readRetryAfter(headers, now);
const said = (text: string | string[]) => read({ "retry-after": text });

describe("Retry-After", () => {
  it.each<[string, string | string[], number | undefined]>([
    ["seconds", "30", 30],
    ["zero", "0", 0],
    ["a fraction, which is rounded up", "2.1", 3],
    ["a fraction without its zero", ".5", 1],
    ["blanks around it", "  7 ", 7],
    ["an HTTP date", "Sun, 29 Nov 2026 12:00:10 GMT", 10],
    ["an HTTP date as RFC 850 spells it", "Sunday, 29-Nov-26 12:00:10 GMT", 10],
    ["an HTTP date as asctime spells it", "Sun Nov 29 12:00:10 2026", 10],
    ["ISO 8601", "2026-11-29T13:00:10.5+01:00", 11],
    ["a date that has passed", "Fri, 27 Nov 2026 12:00:00 GMT", 0],
    ["a date of two digits, 50 years back rather than ahead", "Tuesday, 29-Nov-94 12:00:00 GMT", 0],
    ["a date beyond all reason", "Fri, 31 Dec 9999 23:59:59 GMT", RETRY_AFTER_SECONDS_MAX],
    ["a number beyond all reason", "9".repeat(400), RETRY_AFTER_SECONDS_MAX],
    ["the header twice: the longest", ["5", "10"], 10],
    ["two values that a proxy joined", "5, 10", 10],
    ["a date and a number that a proxy joined", "Sun, 29 Nov 2026 12:00:10 GMT, 5", 10],
    ["one value that is invalid and one that is not", ["soon", "4"], 4],
    ["a day that its month does not have", "Mon, 31 Feb 2026 12:00:00 GMT", undefined],
    ["an hour that no day has", "Sun, 29 Nov 2026 24:00:00 GMT", undefined],
    ["a negative number", "-5", undefined],
    ["a sign", "+5", undefined],
    ["an exponent", "1e3", undefined],
    ["hexadecimal", "0x10", undefined],
    ["Infinity", "Infinity", undefined],
    ["NaN", "NaN", undefined],
    ["words", "in a moment", undefined],
    ["a local time", "2026-11-29 12:00:10", undefined],
    ["nothing", "", undefined],
  ])("%s: %o is %o", (_what, text, seconds) => expect(said(text)).toBe(seconds));

  it("has a finer sister in milliseconds; the longer of the two counts", () => {
    expect(read({})).toBeUndefined();
    expect(read({ "retry-after-ms": "1500" })).toBe(2);
    expect(read({ "retry-after-ms": "1500", "retry-after": "1" })).toBe(2);
    expect(read({ "retry-after-ms": "-1", "retry-after": "3" })).toBe(3);
  });

  it("counts from the answer's own clock where the answer tells it", () => {
    const headers = { date: "Sun, 29 Nov 2026 11:00:00 GMT", "retry-after": "Sun, 29 Nov 2026 11:00:10 GMT" };
    expect(read(headers)).toBe(10);
    expect(read({ ...headers, date: "today" })).toBe(0);
  });

  it("law: whatever is said, a whole number of seconds within the bounds, or nothing", () => {
    const number = fc.oneof(fc.double(), fc.integer(), fc.bigInt()).map(String);
    const date = fc.date().map((one) => one.toUTCString());
    const header = fc.oneof(number, date, fc.string(), fc.array(fc.oneof(number, date, fc.string()), { maxLength: 3 }));
    const headers = fc.record(
      { "retry-after": header, "retry-after-ms": header, date: header },
      { requiredKeys: [] },
    ) as fc.Arbitrary<AnswerHeaders>;
    fc.assert(
      fc.property(headers, (given) => {
        const seconds = readRetryAfter(given);
        if (seconds === undefined) return;
        expect(Number.isInteger(seconds)).toBe(true);
        expect(Object.is(seconds, -0)).toBe(false);
        expect(seconds).toBeGreaterThanOrEqual(0);
        expect(seconds).toBeLessThanOrEqual(RETRY_AFTER_SECONDS_MAX);
      }),
    );
  });

  it("law: what is written in any form is read as it was meant, never as sooner", () => {
    const day = (date: Date, length?: "long") =>
      date.toLocaleString("en-US", { weekday: length ?? "short", timeZone: "UTC" });
    const forms: Record<string, (seconds: number) => AnswerHeaders> = {
      seconds: (seconds) => ({ "retry-after": String(seconds) }),
      fraction: (seconds) => ({ "retry-after": (seconds - 0.25).toFixed(2) }),
      milliseconds: (seconds) => ({ "retry-after-ms": String(seconds * 1_000 - 1) }),
      date: (seconds) => ({ "retry-after": new Date(now + seconds * 1_000).toUTCString() }),
      rfc850: (seconds) => ({ "retry-after": rfc850(new Date(now + seconds * 1_000)) }),
      asctime: (seconds) => ({ "retry-after": asctime(new Date(now + seconds * 1_000)) }),
      iso: (seconds) => ({ "retry-after": new Date(now + seconds * 1_000).toISOString() }),
      twice: (seconds) => ({ "retry-after": [String(seconds), String(seconds - 1)] }),
    };
    /** Of `Sun, 06 Nov 1994 08:49:37 GMT`. */
    const parts = (date: Date) => date.toUTCString().split(/[, ]+/) as [string, string, string, string, string];
    function rfc850(date: Date): string {
      const [, dayOfMonth, month, year, clock] = parts(date);
      return `${day(date, "long")}, ${dayOfMonth}-${month}-${year.slice(2)} ${clock} GMT`;
    }
    function asctime(date: Date): string {
      const [, dayOfMonth, month, year, clock] = parts(date);
      return `${day(date)} ${month} ${dayOfMonth.replace(/^0/, " ")} ${clock} ${year}`;
    }
    const seconds = fc.integer({ min: 1, max: RETRY_AFTER_SECONDS_MAX });
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(forms)), seconds, (form, wanted) => {
        expect(read(forms[form]!(wanted))).toBe(wanted);
      }),
    );
  });
});
