import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { embedText } from "./embed-text.ts";
import { HASHING_DIMENSION } from "./hashing-provider.ts";

const embed = (text: string) => embedText(text, HASHING_DIMENSION);
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, number, place) => sum + number * b[place]!, 0);
const cosine = (a: string, b: string) => dot(embed(a), embed(b));

describe("a text's vector", () => {
  it("has length 1 and is the same every time, whatever the text and the dimension", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 1 }), fc.integer({ min: 1, max: 1024 }), (text, dimension) => {
        const vector = embedText(text, dimension);
        expect(vector).toHaveLength(dimension);
        expect(dot(vector, vector)).toBeCloseTo(1, 5);
        expect(embedText(text, dimension)).toEqual(vector);
      }),
    );
  });

  it("does not hear case, accents, width, spacing or punctuation", () => {
    const words = fc.array(fc.stringMatching(/^[a-z0-9]{1,12}$/), { minLength: 1 });
    fc.assert(
      fc.property(words, fc.constantFrom(" ", ", ", "\n", " – "), (some, gap) => {
        expect(embed(some.join(gap).toUpperCase())).toEqual(embed(some.join(" ")));
      }),
    );
    expect(embed("José ＣＮＣ")).toEqual(embed("jose cnc"));
  });

  it("tells C, C++ and C# apart", () => {
    const pairs = [
      ["C", "C++"],
      ["C", "C#"],
      ["C++", "C#"],
    ] as const;
    for (const [a, b] of pairs) expect(cosine(`${a} developer`, `${b} developer`)).toBeLessThan(0.9);
  });

  it("is the vector of hashing-v1 on every machine: stored vectors rely on it", () => {
    const digest = (text: string) => createHash("sha256").update(embed(text)).digest("hex").slice(0, 16);
    expect(
      ["forklift operator in Chicago with OSHA 30", "東京で働く 🚀 José", "the the the", "!?"].map(digest),
    ).toEqual(["cf96b3b90404ff7d", "16d371da16c38a89", "3525768868b877d5", "d9fa072d216b2950"]);
  });
});

describe("near texts are near", () => {
  it.each([
    ["other words between", "electrician in Boston", "an electrician from Boston, MA", 0.8],
    ["another order", "welder with OSHA 10 in Hartford", "Hartford: OSHA 10 welder", 0.5],
    ["an inflection", "nurse", "nurses", 0.3],
    ["a misspelling", "forklift operator", "forklfit operater", 0.2],
    ["a paraphrase that shares its topic", "the cat sat on the mat", "a cat is sitting on a mat", 0.6],
    ["a part of a word without spaces", "東京大学", "東京", 0.5],
  ])("%s", (_what, a, b, least) => {
    expect(cosine(a, b)).toBeGreaterThan(least);
  });

  it.each([
    ["another job in another place", "electrician in Boston", "plumber in Dallas"],
    ["function words in common", "where is the station and how far is it", "this is how the soup is to be cooked"],
    ["nothing in common", "the cat sat on the mat", "quarterly revenue grew"],
  ])("and others far: %s", (_what, a, b) => {
    expect(Math.abs(cosine(a, b))).toBeLessThan(0.15);
  });

  it("a number belongs to the word before it", () => {
    const wanted = embed("certified OSHA 30");
    expect(dot(wanted, embed("certified OSHA 30, Forklift Class 10"))).toBeGreaterThan(
      dot(wanted, embed("certified OSHA 10, Forklift Class 30")) + 0.05,
    );
  });

  it("a word said ten times does not drown the others", () => {
    const once = "welder carpenter plumber";
    const often = `${"welder ".repeat(10)}carpenter plumber`;
    expect(cosine(once, often)).toBeGreaterThan(0.75);
  });
});
