import { describe, expect, it } from "vitest";
import { areForms, informativeTerms } from "./terms.ts";

describe("the informative terms of a text", () => {
  it.each([
    ["How does the Welder in TOLEDO weld?", ["welder", "toledo", "weld"]],
    ["José, jose & JOSÉ", ["jose"]],
    ["what is it about?", []],
    ["東京 30", ["東", "京", "30"]],
    ["C++ or C#, not C", ["c++", "c#", "c"]],
    ["write-ahead log", ["write", "ahead", "log"]],
  ])("%j", (text, terms) => expect(informativeTerms(text, 100)).toEqual(terms));

  it("are no more than asked for", () => expect(informativeTerms("one two three four", 2)).toEqual(["one", "two"]));
});

describe("forms of one word", () => {
  it.each([
    ["welder", "welding", true],
    ["certified", "certification", true],
    ["allergic", "allergist", true],
    ["nightly", "night", true],
    ["retry", "retries", true],
    ["30", "300", false],
    ["compaction", "compressor", false],
    ["nurse", "nut", false],
    ["intensive", "intention", false],
  ])("%s, %s: %s", (a, b, wanted) => {
    expect(areForms(a, b)).toBe(wanted);
    expect(areForms(b, a)).toBe(wanted);
  });
});
