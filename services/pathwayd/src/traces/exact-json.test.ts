import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson } from "./canonical-json.ts";
import { parseExactly } from "./exact-json.ts";

const digits = (max: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${max}}$`));
const numbers = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.oneof(fc.constant("0"), fc.stringMatching(/^[1-9][0-9]{0,24}$/)),
    fc.option(digits(24)),
    fc.option(fc.tuple(fc.constantFrom("e", "E", "e+", "e-"), digits(3))),
  )
  .map(([sign, whole, fraction, exponent]) => {
    return `${sign}${whole}${fraction === null ? "" : `.${fraction}`}${exponent?.join("") ?? ""}`;
  });

/** The value of a number's text, without floats: digits, and the power of ten behind them. */
function decimalOf(text: string): string {
  const [, sign, whole, fraction = "", exponent = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text)!;
  let value = BigInt(`${whole}${fraction}`);
  let power = BigInt(exponent) - BigInt(fraction.length);
  if (value === 0n) return "0";
  for (; value % 10n === 0n; power++) value /= 10n;
  return `${sign}${value}e${power}`;
}

test("no number loses a digit on its way through", () => {
  fc.assert(
    fc.property(numbers, (text) => {
      expect(decimalOf(JSON.stringify(parseExactly(text)))).toBe(decimalOf(text));
    }),
    { numRuns: 2_000 },
  );
});

test("all other JSON is what JSON.parse makes of it", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(JSON.stringify(parseExactly(text))).toBe(text);
    }),
  );
});

test("canonical JSON is one text for all orders of keys, and says the same", () => {
  const reversed = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(reversed)
      : typeof value === "object" && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, member]) => [key, reversed(member)]),
          )
        : value;
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const parsed = JSON.parse(JSON.stringify(value));
      const text = canonicalJson(parsed);
      expect(canonicalJson(reversed(parsed))).toBe(text);
      expect(JSON.parse(text)).toEqual(parsed);
    }),
  );
});

// RFC 8785, 3.2.3: keys in the order of their UTF-16 code units, numbers as ECMAScript writes them.
test("canonical JSON is as RFC 8785 has it", () => {
  const value = JSON.parse(
    '{"\\u20ac":1,"\\r":2,"\\ufb33":3,"1":4,"\\ud83d\\ude00":5,"\\u0080":6,"\\u00f6":7,"n":[333333333.33333329,1E30,4.50,2e-3,1e-27]}',
  );
  expect(canonicalJson(value)).toBe(
    '{"\\r":2,"1":4,"n":[333333333.3333333,1e+30,4.5,0.002,1e-27],"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
  );
});
