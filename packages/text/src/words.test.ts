import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wordsOf } from "./words.ts";

describe("the words of a text", () => {
  it.each([
    ["Forklift Operator, (OSHA 30)!", ["forklift", "operator", "osha", "30"]],
    ["JOSÉ Muñoz, Zürich, ΆΛΦΑ, Йод", ["jose", "munoz", "zurich", "αλφα", "иод"]],
    ["ＣＮＣ ﬁt ™", ["cnc", "fit", "tm"]],
    ["C++ and C#, not C", ["c++", "and", "c#", "not", "c"]],
    ["AWS D1.1 shop's", ["aws", "d1", "1", "shop", "s"]],
    ["東京で働く cook", ["東", "京", "で", "働", "く", "cook"]],
    ["한국어 हिन्दी", ["한국어", "हिन्दी"]],
    ["ship it 🚀🚀", ["ship", "it", "🚀", "🚀"]],
    [" \t\n!?…", []],
    ["", []],
  ])("%j", (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });
});

it("an ASCII text has the words that it has beside other letters", () => {
  // The letter in front makes the whole text take the way of all scripts.
  const slowly = (text: string) => wordsOf(`\u00df ${text}`).slice(1);
  const text = fc.string({ unit: fc.constantFrom(..."aZc9+# .-_'"), maxLength: 40 });
  fc.assert(
    fc.property(fc.oneof(text, fc.string({ unit: "binary-ascii" })), (ascii) => {
      expect(wordsOf(ascii)).toEqual(slowly(ascii));
    }),
  );
});
