import type { Random } from "../random.ts";

/** Words that bring code to its edges. @param near a number whose neighbours are edges too: a count, say */
export function word(random: Random, near: number): number {
  const edges = [0, 1, 2, near - 1, near, near + 1, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff];
  const drawn = random.chance(0.7) ? random.pick(edges) : random.integer(0, 2 ** 32 - 1);
  return drawn >>> 0;
}

export function float(random: Random): number {
  const edges = [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    0,
    -0,
    1e-45,
    1e18,
    3.4e38,
    -3.4e38,
    1,
  ];
  return random.chance(0.8) ? random.pick(edges) : 4 * random.fraction() - 2;
}

const texts = [
  "",
  "0",
  "late",
  "l1",
  "\ud800",
  "\u0000",
  "é",
  "x".repeat(256),
  "x".repeat(257),
  "__proto__",
  "create",
  "drop",
  "l2",
  "cosine",
];
const numbers = [
  0,
  1,
  -1,
  2,
  3,
  4,
  24,
  42,
  43,
  44,
  1.5,
  128,
  129,
  4096,
  4097,
  65_535,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 32 + 1,
  2 ** 53 - 1,
  2 ** 53,
  1e308,
];

/** A JSON value. @param before what stood in its place */
export function jsonValue(random: Random, before: unknown): unknown {
  if (typeof before === "number" && random.chance(0.5)) return before + random.pick([-1, 1, 2 ** 32]);
  const draws = [
    () => random.pick(numbers),
    () => random.pick(texts),
    () => random.pick([null, true, [], {}, [[]], { a: 1 }]),
    () => nested(random.pick([3, 999, 1_000, 1_001, 3_000])),
  ];
  return random.pick(draws)();
}

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 ? [value] : { a: value };
  return value;
}
