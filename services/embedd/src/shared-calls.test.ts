import { LakehouseError, type RequestContext } from "@lakehouse/core";
import { describe, expect, it } from "vitest";
import { type Outcome, TextError } from "./ask-provider.ts";
import { CALL_BYTES_MAX, CALL_TEXTS_MAX, CALLS_MAX, CALLS_PER_REQUEST_MAX } from "./limits.ts";
import { type KeyedText, SharedCalls } from "./shared-calls.ts";
import { renderVector } from "./vector-json.ts";

const context: RequestContext = { requestId: "r-1", signal: new AbortController().signal };
const vector = renderVector(Float32Array.of(1));
const keyed = (...texts: string[]): KeyedText[] => texts.map((text) => ({ key: text, text }));

/** A provider whose answers the test gives, one call after the other. */
function openCalls() {
  const asked: { texts: string[]; signal: AbortSignal; answer: PromiseWithResolvers<Outcome[]> }[] = [];
  const calls = new SharedCalls((_model, texts, { signal }) => {
    const answer = Promise.withResolvers<Outcome[]>();
    asked.push({ texts: texts.map(({ text }) => text), signal, answer });
    return answer.promise;
  });
  const join = (...texts: string[]) => calls.join("m", keyed(...texts), context);
  return { calls, asked, join };
}

describe("calls that are shared", () => {
  it("ask for a text once, however many want it at the same time", async () => {
    const { calls, asked, join } = openCalls();
    const shares = [join("a", "b", "a"), join("b", "c"), join("a")];
    expect(asked.map(({ texts }) => texts)).toEqual([["a", "b"], ["c"]]);
    asked[0]!.answer.resolve([vector, vector]);
    asked[1]!.answer.resolve([vector]);
    for (const { vectors } of shares) await expect(Promise.all(vectors)).resolves.toContain(vector);
    expect(calls.size).toBe(0);
    join("a");
    expect(asked).toHaveLength(3);
  });

  it("go on while anybody waits, and are given up with the last", () => {
    const { calls, asked, join } = openCalls();
    const first = join("a", "b");
    const second = join("b");
    first.release();
    expect(asked[0]!.signal.aborted).toBe(false);
    second.release();
    expect(asked[0]!.signal.aborted).toBe(true);
    expect(calls.size).toBe(0);
  });

  it("are not joined once they are given up", async () => {
    const { asked, join } = openCalls();
    join("a").release();
    const late = join("a");
    expect(asked).toHaveLength(2);
    asked[0]!.answer.reject(new Error("given up"));
    asked[1]!.answer.resolve([vector]);
    expect(await late.vectors[0]).toBe(vector);
  });

  it("fail for the text at fault alone", async () => {
    const { asked, join } = openCalls();
    const { vectors } = join("good", "bad");
    const fault = new TextError(new LakehouseError("upstream_error", "Too long."));
    asked[0]!.answer.resolve([vector, fault]);
    expect(await vectors[0]).toBe(vector);
    await expect(vectors[1]).rejects.toBe(fault);
  });

  it("fail for all their texts at once, and only for theirs", async () => {
    const { asked, join } = openCalls();
    const first = join("a");
    const both = join("a", "b");
    asked[0]!.answer.reject(new Error("down"));
    asked[1]!.answer.resolve([vector]);
    await expect(first.vectors[0]).rejects.toThrow("down");
    await expect(both.vectors[0]).rejects.toThrow("down");
    expect(await both.vectors[1]).toBe(vector);
  });

  it("are small, and few at once of one request, so that the next one gets its turn", async () => {
    const { asked, join } = openCalls();
    const texts = Array.from({ length: CALL_TEXTS_MAX * 5 + 1 }, (_, index) => `text ${index}`);
    const large = join(...texts);
    expect(asked.map((call) => call.texts.length)).toEqual(Array(CALLS_PER_REQUEST_MAX).fill(CALL_TEXTS_MAX));
    const small = join("small");
    expect(asked).toHaveLength(CALLS_PER_REQUEST_MAX + 1);
    for (let done = 0; done < 7; done++) {
      await expect.poll(() => asked.length).toBeGreaterThan(done);
      asked[done]!.answer.resolve(asked[done]!.texts.map(() => vector));
    }
    await Promise.all([...large.vectors, ...small.vectors]);
    expect(asked.flatMap((call) => call.texts).filter((text) => text !== "small")).toEqual(texts);
  });

  it("are few at once, of all requests together", async () => {
    const { asked, join } = openCalls();
    const shares = Array.from({ length: CALLS_MAX + 1 }, (_, index) => join(`text ${index}`));
    expect(asked).toHaveLength(CALLS_MAX);
    shares[0]!.release();
    asked[0]!.answer.reject(new Error("given up"));
    await expect.poll(() => asked.length).toBe(CALLS_MAX + 1);
  });

  it("carry large texts apart", () => {
    const { asked, join } = openCalls();
    const large = (letter: string) => letter.repeat(CALL_BYTES_MAX / 2);
    for (const texts of [[large("a"), large("b"), large("c")], [large("é")]]) join(...texts);
    expect(asked.map((call) => call.texts.length)).toEqual([2, 1, 1]);
  });
});
