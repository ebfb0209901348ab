import fc from "fast-check";
import { expect, it } from "vitest";
import { DICTIONARY_FULL, TextDictionary } from "./text-dictionary.ts";

it("numbers texts as a Map does, however many there are, and keeps each", () => {
  const texts = fc.array(fc.oneof(fc.string({ unit: "binary", maxLength: 3 }), fc.nat(400).map(String)), {
    maxLength: 1_000,
  });
  fc.assert(
    fc.property(texts, (given) => {
      const dictionary = new TextDictionary(1 << 20);
      const numbers = new Map<string, number>();
      for (const text of given) {
        const number = numbers.get(text) ?? numbers.size;
        numbers.set(text, number);
        const bytes = Buffer.from(`.${text}.`);
        expect(dictionary.add(bytes, 1, bytes.length - 1)).toBe(number);
      }
      expect(dictionary.entries).toBe(numbers.size);
      for (const [text, number] of numbers) expect(Buffer.from(dictionary.text(number)).toString()).toBe(text);
    }),
  );
});

it("takes no new text past its size, and still knows those that it has", () => {
  const dictionary = new TextDictionary(14);
  const add = (text: string) => dictionary.add(Buffer.from(text), 0, text.length);
  expect([add("abc"), add("def"), add("g"), add("abc"), add("")]).toEqual([0, 1, DICTIONARY_FULL, 0, DICTIONARY_FULL]);
  expect(dictionary.toPage()).toEqual({ entries: 2, values: Buffer.from("\x03\0\0\0abc\x03\0\0\0def") });
});
