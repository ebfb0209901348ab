import { expect, it } from "vitest";
import { readEvents } from "./server-events.ts";

const stream =
  'data: {"delta":"é"}\n\nevent: error\r\ndata: a\r\ndata: b\r\n\r\n: a comment\n\ndata:[DONE]\n\ndata: cut';

it("gives the same events wherever the bytes are cut, and none that is not complete", async () => {
  const bytes = Buffer.from(stream);
  for (let at = 0; at <= bytes.length; at++) {
    const events = await Array.fromAsync(readEvents(chunks(bytes.subarray(0, at), bytes.subarray(at))));
    expect(events.filter(({ data }) => data !== "")).toEqual([
      { name: "message", data: '{"delta":"é"}' },
      { name: "error", data: "a\nb" },
      { name: "message", data: "[DONE]" },
    ]);
  }
});

async function* chunks(...pieces: Uint8Array[]) {
  yield* pieces;
}
