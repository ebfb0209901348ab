import fc from "fast-check";

/** Values at the edges of every spelling, and just past them. */
const edgeValues = {
  numbers: [
    ..."0 -0 1 -1 007 00501 +1 1_000 .5 5. -.5 1.75 -0.0 0.0 00.5 0e0 1e5 1E+05 1e-5 1e 1e+ 1.e5 - -- 1.2.3 0x10 NaN inf".split(
      " ",
    ),
    ..."9007199254740991 9007199254740992 9007199254740993 -9007199254740992 -9007199254740993 9007199254740994".split(
      " ",
    ),
    ..."9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 99999999999999999999".split(
      " ",
    ),
    ..."123456789012345 1234567890123456 0.1 0.30000000000000004 1.7976931348623157e300 1e300 1.1e300 1e301".split(" "),
    ..."1e-300 9e-301 1e-400 0e-999 1e0000000000000000000005 12345678901234567.5 1234567890123456.7 0.00000000000000000123".split(
      " ",
    ),
    ..."100000000000000000000.0 1e22 1e23 123456789012345e22 123456789012345e-22 9007199254740993.0 72057594037927945.0".split(
      " ",
    ),
    " 7",
    "7 ",
  ],
  booleans: "true false TRUE False tRuE yes no t f 0 1 truee fals \u0054rue".split(" "),
  dates: [
    ..."2024-02-29 2023-02-29 1900-02-29 2000-02-29 0001-01-01 9999-12-31 0000-01-01 2024-13-01 2024-00-10".split(" "),
    ..."2024-04-31 2024-01-32 2024-01-00 2024-1-1 20240101 24-01-01 2024/01/01 10000-01-01 1969-12-31 1970-01-01".split(
      " ",
    ),
  ],
  timestamps: [
    ..."2024-01-01T00:00:00 2024-01-01T23:59:59.999999 2024-01-01T24:00:00 2024-01-01T23:60:00 2024-01-01T23:59:60".split(
      " ",
    ),
    ..."2024-01-01T00:00:00Z 2024-01-01T00:00:00+05:30 2024-01-01T00:00:00.5-23:59 2024-01-01T00:00:00+24:00".split(
      " ",
    ),
    ..."2024-01-01T00:00:00z 2024-01-01t00:00:00 2024-01-01T00:00 2024-01-01T00:00:00. 2024-01-01T00:00:00.1234567".split(
      " ",
    ),
    ..."0001-01-01T00:00:00 9999-12-31T23:59:59.999999 0001-01-01T00:00:00+12:00 1969-12-31T23:59:59.000001".split(" "),
    ..."2024-01-01T00:00:00+0530 2024-01-01T00:00:00+05 2023-02-29T00:00:00 2286-11-20T17:46:40.1 2024-01-01T00:00:00Zx".split(
      " ",
    ),
    "2024-01-01 12:34:56",
    "2024-01-01  12:34:56",
    "2024-01-01 12:34:56.5",
    "2024-01-01 12:34:56 Z",
  ],
  texts: [
    "",
    "a",
    ",",
    ";",
    '"',
    '""',
    "\n",
    "\r\n",
    "\r",
    "\0",
    "é",
    "日本",
    "🦆",
    "a,b",
    'say "hi"',
    " ",
    "\t",
    "|",
    "NULL",
    "\uFEFF",
  ],
};

const digits = (maxLength: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${maxLength}}$`));
const two = (max: number) => fc.nat(max).map((value) => String(value).padStart(2, "0"));

const flavours = {
  integer: fc.oneof(fc.integer().map(String), fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String), digits(20)),
  smallInteger: fc.integer({ min: -9, max: 99 }).map(String),
  decimal: fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.tuple(digits(9), digits(9)).map(([whole, fraction]) => `${whole}.${fraction}`),
    fc.tuple(digits(3), fc.integer({ min: -330, max: 330 })).map(([mantissa, power]) => `${mantissa}e${power}`),
  ),
  money: fc.tuple(fc.nat(999), two(99)).map(([whole, cents]) => `${whole}.${cents}`),
  boolean: fc.constantFrom("true", "false", "TRUE", "False"),
  date: fc.tuple(fc.integer({ min: 1, max: 9999 }), two(13), two(32)).map(([year, month, day]) => {
    return `${String(year).padStart(4, "0")}-${month}-${day}`;
  }),
  goodDate: fc
    .tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
    .map(([year, month, day]) =>
      [String(year).padStart(4, "0"), ...[month, day].map((part) => String(part).padStart(2, "0"))].join("-"),
    ),
  time: fc
    .tuple(
      two(24),
      two(60),
      two(60),
      fc.constantFrom("", ".1", ".000001", ".123456", ".9999999"),
      fc.constantFrom("", "Z", "+01:00", "-12:30"),
    )
    .map(([hour, minute, second, fraction, zone]) => `2024-03-10T${hour}:${minute}:${second}${fraction}${zone}`),
  zoned: fc
    .tuple(fc.constantFrom(" ", "T"), two(23), two(59), fc.constantFrom("Z", "+01:00", "-23:59"))
    .map(([separator, hour, minute, zone]) => `1066-10-14${separator}${hour}:${minute}:07${zone}`),
  local: fc
    .tuple(fc.constantFrom(" ", "T"), two(23), two(59), fc.constantFrom("", ".5", ".000001"))
    .map(([separator, hour, minute, fraction]) => `9876-10-14${separator}${hour}:${minute}:07${fraction}`),
  text: fc.string({ unit: fc.constantFrom(...'ab"\n\r,;é🦆 07.-\0'), maxLength: 12 }),
  numberEdge: fc.constantFrom(...edgeValues.numbers),
  booleanEdge: fc.constantFrom(...edgeValues.booleans),
  dateEdge: fc.constantFrom(...edgeValues.dates),
  timestampEdge: fc.constantFrom(...edgeValues.timestamps),
  textEdge: fc.constantFrom(...edgeValues.texts),
  empty: fc.constant(""),
};

/** One value of any flavour. */
export const anyValue = fc.oneof(...Object.values(flavours));

/** Most columns are of one flavour, so that narrow types happen; some have one value that spoils it, early or late. */
const columnValues = (rows: number) =>
  fc
    .record({
      flavour: fc.constantFrom(...Object.values(flavours)),
      nulls: fc.constantFrom(0, 0, 0.3),
      spoiler: rarely(3, fc.constant(null), fc.record({ at: fc.nat(Math.max(0, rows - 1)), value: anyValue })),
    })
    .chain(({ flavour, nulls, spoiler }) =>
      fc
        .array(fc.tuple(flavour, fc.double({ min: 0, max: 1, noNaN: true })), { minLength: rows, maxLength: rows })
        .map((drawn) => drawn.map(([value, chance]) => (chance < nulls ? "" : value)))
        .map((values) => (spoiler === null || rows === 0 ? values : values.with(spoiler.at, spoiler.value))),
    );

const goodName = fc.constantFrom("a", "B b", "é", 'x"y', "p,q", "line\nbreak", "select", "naïve 🦆", "a.b");
const name = rarely(40, goodName, fc.constant(""));

export interface NastyCsv {
  file: string;
  delimiter: string;
}

/** Files as people send them, and worse: mixed line ends, needless quotes, blank lines, a BOM; one in five with a character too many. */
export const nastyCsv: fc.Arbitrary<NastyCsv> = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.nat(25))
  .chain(([columns, rows]) =>
    fc.record({
      names: fc.array(name, { minLength: columns, maxLength: columns }),
      values: fc.array(columnValues(rows), { minLength: columns, maxLength: columns }),
      delimiter: fc.constantFrom(",", ",", ";", "\t", "|"),
      bom: fc.boolean(),
      needlessQuotes: fc.array(fc.boolean(), { minLength: 1, maxLength: 17 }),
      lineEnds: fc.array(fc.constantFrom("\n", "\n", "\r\n", "\n\n"), { minLength: 1, maxLength: 7 }),
      endsWithLine: fc.boolean(),
      mistake: rarely(
        5,
        fc.constant(null),
        fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), text: fc.constantFrom(...'",;\n\r0x') }),
      ),
    }),
  )
  .map(({ names, values, delimiter, bom, needlessQuotes, lineEnds, endsWithLine, mistake }) => {
    const header = names.map((one, index) => (one === "" ? one : `${one}${index}`));
    const rows = Array.from({ length: rowsOf(values) }, (_, row) => values.map((column) => column[row]!));
    const lines = [header, ...rows].map((fields, row) =>
      fields
        .map((field, column) => quote(field, needlessQuotes[(row * 5 + column) % needlessQuotes.length]!))
        .join(delimiter),
    );
    let file = lines.map((line, index) => line + lineEnds[index % lineEnds.length]!).join("");
    if (!endsWithLine) file = file.replace(/(\r?\n)+$/, "");
    if (mistake !== null) file = insert(file, Math.floor(mistake.at * file.length), mistake.text);
    return { file: (bom ? "\uFEFF" : "") + file, delimiter };

    function quote(field: string, needless: boolean): string {
      const needs = field.includes(delimiter) || /["\n\r]/.test(field);
      return needs || needless ? `"${field.replaceAll('"', '""')}"` : field;
    }
  });

/** `exception` once in so many draws. */
function rarely<T, U>(draws: number, rule: fc.Arbitrary<T>, exception: fc.Arbitrary<U>): fc.Arbitrary<T | U> {
  return fc.oneof({ weight: draws - 1, arbitrary: rule }, { weight: 1, arbitrary: exception });
}

function rowsOf(values: string[][]): number {
  return values[0]!.length;
}

function insert(file: string, at: number, text: string): string {
  return file.slice(0, at) + text + file.slice(at);
}
