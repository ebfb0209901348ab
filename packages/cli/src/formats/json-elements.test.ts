import fc from "fast-check";
import { expect, it } from "vitest";
import { elementsOf, JsonElements } from "./json-elements.ts";

it("gives an array's elements, however it is written and wherever it is cut", () => {
  const cuts = fc.array(fc.nat(200), { maxLength: 8 });
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue(), { maxLength: 6 }),
      fc.constantFrom(0, 1, "\t"),
      cuts,
      (values, space, places) => {
        const text = `${JSON.stringify(values, null, space).slice(1)}, "the rest": []}`;
        const scanner = new JsonElements();
        const fed = pieces(text, places).map((piece) =>
          scanner.isOver ? { elements: [], rest: piece } : scanner.feed(piece),
        );
        expect(fed.flatMap(({ elements }) => elements).map((element) => JSON.parse(element))).toEqual(
          JSON.parse(JSON.stringify(values)),
        );
        expect(fed.map(({ rest }) => rest).join("")).toBe(', "the rest": []}');
      },
    ),
    { numRuns: 2_000 },
  );
});

it("keeps every digit", () => {
  expect(elementsOf('[9007199254740993, -0.10, 1e400, "a\\",[b"]')).toEqual([
    "9007199254740993",
    "-0.10",
    "1e400",
    '"a\\",[b"',
  ]);
});

function pieces(text: string, places: number[]): string[] {
  const ends = [...new Set(places.filter((place) => place < text.length)), text.length].sort((a, b) => a - b);
  return ends.map((end, index) => text.slice(index === 0 ? 0 : ends[index - 1], end));
}
