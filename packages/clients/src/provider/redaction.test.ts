import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { INPUT_LENGTH_MAX, KEY_PART_LENGTH, WORDS_SHOWN_MAX } from "./limits.ts";
import { redacted } from "./redaction.ts";

const key = "sk-proj-Hush0123456789wxyz";
const text = 'Patient Zoltán Quarx, PIN 4711,\nsaid "it\'s <fine>" & left.';
const body = { model: "m-large", messages: [{ role: "user", content: [{ type: "text", text }] }] };
const shown = (words: string, sent: object = body) => redacted(words, { key, body: sent });

describe("a provider's words", () => {
  it.each([
    'model "m-large" not found, try pulling it first',
    "The input length exceeds the context length of 8192 tokens.",
    "server busy, please try again.  maximum pending requests exceeded",
    "You exceeded your current quota, please check your plan and billing details.",
    "<html><body>Bad gateway</body></html>",
    "invalid type for messages[0].content: expected text, got null",
  ])("are shown where they repeat nothing: %s", (words) => expect(shown(words)).toBe(words.replaceAll(/\s+/g, " ")));

  it.each([
    ["whole", `Incorrect API key provided: ${key}.`],
    ["by its beginning", `Incorrect API key provided: ${key.slice(0, 6)} is invalid`],
    ["by its middle", `no such key: …${key.slice(9, 15)}…`],
    ["by its end", `no such key: ${key.slice(-6)}`],
    ["with its middle hidden", "Incorrect API key provided: sk-pr***wxyz."],
    ["with its middle left out", "Incorrect API key provided: sk-p...wxyz."],
    ["in capitals", `KEY ${key.toUpperCase()}`],
    ["escaped", `key ${encodeURIComponent(key).replace("-", "%2D")}, key ${key.replace("H", "\\u0048")}`],
    ["in a header", `Authorization: Bearer ${key}, which is unknown`],
  ])("never tell the key: %s", (_how, words) => {
    expect(shown(words)).toMatch(/\[key\]/);
    expect(shown(words)).not.toMatch(/hush|sk-p|wxyz|56789/i);
  });

  it.each([
    ["as it is", text],
    ["as JSON", JSON.stringify(text)],
    ["as JSON within JSON", JSON.stringify(JSON.stringify({ messages: [text] }))],
    ["as JSON in ASCII", JSON.stringify(text).replace("á", "\\u00e1")],
    ["as Python writes it", text.replace("á", "\\xe1").replace("\n", "\\n")],
    ["as HTML", text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;").replace("'", "&#39;")],
    ["as a URL", encodeURIComponent(text)],
    ["in capitals", text.toUpperCase()],
    ["without accents", text.normalize("NFD").replaceAll(/\p{M}/gu, "")],
    ["on one line", text.replaceAll(/\s+/g, " ")],
    ["cut off", `${text.slice(0, 24)}…`],
    ["from its middle on", `…${text.slice(11)}`],
    ["word by word", "'PIN', 'Quarx' and 4711 are not allowed"],
  ])("never tell the request: %s", (_how, echo) => {
    const words = shown(`Invalid input: ${echo} is refused`);
    expect(words).toContain("[input]");
    expect(words).not.toMatch(/patient|zolt|quarx|pin|47|fine|left/i);
  });

  it("never tell a request in a script without spaces", () => {
    expect(shown("输入过长：病人王伟今天来了", { input: ["病人王伟今天来了。"] })).toBe("输入过长：[input]");
  });

  it("never tell a request that is made of ordinary words", () => {
    const input = ["the model is not found"];
    expect(shown("invalid: the model is not found", { input })).toBe("invalid: [input]");
    expect(shown("the model does not exist", { input })).toBe("the model does not exist");
  });

  it("are withheld where they are no text, or the request is too long to compare them with", () => {
    expect(shown("\u001f\u008b\u0008\uFFFD\uFFFDq")).toBe("");
    expect(shown("too long", { input: ["x".repeat(INPUT_LENGTH_MAX + 1)] })).toBe("");
    expect(shown("too long", { input: Array.from({ length: 10_000 }, () => "x ".repeat(99)) })).toBe("");
  });

  it("are one line of bounded length", () => {
    expect(shown("a\r\nb\u0000c\u200bd")).toBe("a b c d");
    expect(shown("é ".repeat(5_000))).toHaveLength(WORDS_SHOWN_MAX);
  });

  it("law: no part of the key and no word of the request is left, whatever stands around them", () => {
    const word = fc.stringMatching(/^[a-z]{2}[0-9]{2}[a-z]{2,6}$/);
    const around = fc.string({ maxLength: 20 });
    const part = fc.tuple(fc.nat({ max: key.length - KEY_PART_LENGTH }), fc.integer({ min: KEY_PART_LENGTH, max: 40 }));
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 8 }),
        around,
        around,
        part,
        (words, a, b, [start, length]) => {
          const said = `${a} ${words.join(" ")} ${b} ${key.slice(start, start + length)} ${a}`;
          const left = shown(said, { input: [words.join(", ")] }).toLowerCase();
          for (const one of words) expect(left).not.toContain(one);
          for (let at = 0; at + KEY_PART_LENGTH <= key.length; at++) {
            expect(left).not.toContain(key.slice(at, at + KEY_PART_LENGTH).toLowerCase());
          }
        },
      ),
    );
  });
});
