import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LINE_LENGTH_MAX } from "./limits.ts";
import { LineTooLongError, linesOf } from "./lines.ts";
import { serverSentData } from "./server-sent-data.ts";

/** The events of a body that comes in these pieces. */
async function dataOf(...pieces: Uint8Array[]): Promise<string[]> {
  const data: string[] = [];
  for await (const one of serverSentData(linesOf(inOrder(pieces)))) data.push(one);
  return data;
}

async function* inOrder<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

const bytes = (text: string) => Buffer.from(text);

describe("events of a stream", () => {
  it.each([
    ["one", 'data: {"a":1}\n\n', ['{"a":1}']],
    ["ends of lines in CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]],
    ["no space after the colon, or two", "data:a\n\ndata:  b\n\n", ["a", " b"]],
    ["comments between them", ": OPENROUTER PROCESSING\n\ndata: a\n\n: OPENROUTER PROCESSING\n\n", ["a"]],
    ["a comment within one", "data: a\n: wait\ndata: b\n\n", ["a\nb"]],
    ["data on several lines", 'data: {"a":\ndata: 1}\n\n', ['{"a":\n1}']],
    ["other fields", "event: message\nid: 1\nretry: 5\ndata: a\n\n", ["a"]],
    ["no data", "event: ping\n\n\n\n", []],
    ["no blank line at the end", "data: a\n\ndata: [DONE]", ["a", "[DONE]"]],
    ["a byte order mark", "\uFEFFdata: a\n\n", ["a"]],
    ["JSON that is no event", '{"error":{"message":"no"}}', ['{"error":{"message":"no"}}']],
    ["nothing", "", []],
  ])("%s", async (_what, text, wanted) => {
    expect(await dataOf(bytes(text))).toEqual(wanted);
  });

  it("are the same wherever the body is cut, also within a character", async () => {
    const texts = fc.array(fc.string({ unit: "grapheme" }), { maxLength: 5 });
    const ends = fc.constantFrom("\n", "\r\n");
    await fc.assert(
      fc.asyncProperty(texts, ends, fc.array(fc.nat(), { maxLength: 8 }), async (given, end, cuts) => {
        const wanted = given.map((text) => JSON.stringify(text));
        const body = bytes(wanted.map((one) => `: wait${end}data: ${one}${end}${end}`).join(""));
        const places = [0, ...cuts.map((cut) => cut % (body.length + 1)), body.length].toSorted((a, b) => a - b);
        const pieces = places.slice(1).map((place, index) => body.subarray(places[index], place));
        expect(await dataOf(...pieces)).toEqual(wanted);
      }),
    );
  });

  it("end with an error where a line has no end", async () => {
    const pieces = Array.from({ length: 5 }, () => bytes("x".repeat(LINE_LENGTH_MAX / 4)));
    await expect(dataOf(...pieces)).rejects.toThrow(LineTooLongError);
  });
});
