import type { Random } from "../random.ts";

const deep = (open: string, close: string, levels: number) => open.repeat(levels) + close.repeat(levels);
const manyKeys = (count: number) => `{${Array.from({ length: count }, (_, key) => `"k${key}":${key}`).join(",")}}`;

/** JSON values that break programs, as text: what a JSON.stringify would never write is among them. */
const hostileJson: readonly string[] = [
  ...["null", "true", "0", "-0", "-1", "1.5", "1e400", "-1e400", "1e-400", "9007199254740993", "9223372036854775808"],
  ...["123456789012345678901234567890", "[]", "{}", "[[]]", "[null]", "[{}]", '""', '" "', '"\\u0000"', '"a\\u0000b"'],
  ...[
    '"\\ud800"',
    '"\\udfff\\ud800"',
    '"\\ufeff"',
    '"\\u202e"',
    '"😀"',
    '"ｆｕｌｌ"',
    '"İ"',
    '"\\r\\nx-injected: 1"',
    '"\\u001b[2J"',
  ],
  ...[
    '"../../../../etc/passwd"',
    '"/etc/passwd"',
    '"file:///etc/passwd"',
    '"http://127.0.0.1:1/"',
    '"s3://x/y"',
    '"%2e%2e%2f"',
  ],
  ...[
    '"__proto__"',
    '"constructor"',
    '"prototype"',
    '"toString"',
    '"hasOwnProperty"',
    '"NaN"',
    '"-Infinity"',
    '"$where"',
  ],
  ...["'; DROP TABLE workers; --", "$(id)", "`id`", "{{7*7}}", "%s%n", "\\\\", "*"].map((text) => JSON.stringify(text)),
  ...['{"__proto__":{"isAdmin":true}}', '{"constructor":{"prototype":{"isAdmin":true}}}', '{"__proto__":null}'],
  ...[
    '{"then":1}',
    '{"toJSON":1}',
    '{"length":-1}',
    '{"a":1,"a":2}',
    '{"":1}',
    '{"hasOwnProperty":1}',
    '{"valueOf":null}',
  ],
  ...[
    deep("[", "]", 200),
    deep("[", "]", 5_000),
    deep("[", "]", 200_000),
    deep('{"a":', "}", 5_000).replace(":}", ":1}"),
  ],
  deep('{"__proto__":', "}", 5_000).replace(":}", ":1}"),
  ...[JSON.stringify("x".repeat(70_000)), JSON.stringify("😀".repeat(20_000)), JSON.stringify("a ".repeat(2 ** 19))],
  ...[manyKeys(20_000), `[${"0,".repeat(300_000)}0]`, `[${'"",'.repeat(50_000)}""]`, `1${"0".repeat(100_000)}`],
  ...["[1e308,1e308,1e308]", "[0,0,0]", "[3.5e38,0,0]", '["1",2,3]', "[null,1,2]", `[${"1,".repeat(4_096)}1]`],
];

/** Texts that are no JSON, or hardly. */
const brokenJson: readonly (string | Buffer)[] = [
  ...[
    "",
    " ",
    "{",
    "[",
    '"',
    "{]",
    "nul",
    "{'a':1}",
    "{a:1}",
    "[1,]",
    "NaN",
    "Infinity",
    "0x10",
    "01",
    "+1",
    ".5",
    "\ufeff{}",
  ],
  ...[
    "{}{}",
    "{}x",
    "\u0000",
    '{"a":"\u0000"}',
    '{"a":"\n"}',
    "/**/{}",
    '"\\x"',
    '"\\u12"',
    deep("[", "", 300_000),
    deep('{"a":', "", 100_000),
  ],
  ...[
    Buffer.from([0xff, 0xfe, 0x7b, 0]),
    Buffer.from('{"a":"\xff"}', "latin1"),
    Buffer.from("{}", "utf16le"),
    Buffer.alloc(4_096),
  ],
];

/** A body near to one that is right: something of it replaced, added, left out or cut. */
export function mutatedBody(example: unknown, random: Random): string | Buffer {
  if (random.chance(0.15)) return random.pick(brokenJson);
  if (random.chance(0.1)) return random.pick(hostileJson);
  const text = JSON.stringify(example);
  if (random.chance(0.1)) return text.slice(0, random.integer(0, text.length));
  if (random.chance(0.05)) return Buffer.concat([Buffer.from(text), random.bytes(random.integer(1, 64))]);
  return withOneChange(example, random);
}

const MARK = "@hostile@";

function withOneChange(example: unknown, random: Random): string {
  const copy = structuredClone(example);
  const places = placesIn(copy);
  if (places.length === 0) return random.pick(hostileJson);
  const { holder, key } = random.pick(places);
  const draw = random.fraction();
  if (draw < 0.1) delete holder[key];
  else if (draw < 0.3) holder[random.pick(extraKeys)] = MARK;
  else if (draw < 0.4) holder[key] = random.pick(places).holder;
  else holder[key] = MARK;
  try {
    return JSON.stringify(copy).replaceAll(JSON.stringify(MARK), () => random.pick(hostileJson));
  } catch {
    return random.pick(hostileJson); // a cycle, which no JSON can be
  }
}

const extraKeys = [
  "extra",
  "",
  "constructor",
  "toString",
  "\u0000",
  "metadata",
  "filter",
  "k",
  "ef",
  "stream",
  "a.b",
  "a[0]",
];

interface Place {
  holder: Record<string, unknown>;
  key: string;
}

function placesIn(value: unknown): Place[] {
  if (typeof value !== "object" || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesIn(holder[key])]);
}
