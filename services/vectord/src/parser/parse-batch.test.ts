import { LakehouseError } from "@lakehouse/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Batch, encodeDelete } from "../formats/batch.ts";
import { shardOf } from "../shard/shard-of.ts";
import { parseAdd, parseDelete } from "./parse-batch.ts";

const kind = { dimension: 2, distance: "cosine" } as const;
const refusal = (body: string | Buffer): LakehouseError => {
  try {
    parseAdd(Buffer.from(body), kind, 1);
  } catch (error) {
    return error as LakehouseError;
  }
  throw new Error("It was not refused.");
};
const add = (...items: unknown[]) => JSON.stringify({ items });

describe("the body of an add", () => {
  it("comes out of the batch as it went in", () => {
    const item = fc.record(
      {
        id: fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }),
        vector: fc.tuple(
          fc.float({ min: 1, max: 1000, noNaN: true }),
          fc.float({ noNaN: true, noDefaultInfinity: true }),
        ),
        metadata: fc.dictionary(fc.string(), fc.jsonValue()),
      },
      { requiredKeys: ["id", "vector"] },
    );
    const items = fc.uniqueArray(item, { selector: ({ id }) => id });
    fc.assert(
      fc.property(items, (given) => {
        const batch = new Batch(parseAdd(Buffer.from(JSON.stringify({ items: given })), kind, 1)[0]!);
        expect([batch.operation, batch.count]).toEqual(["add", given.length]);
        given.forEach(({ id, vector, metadata }, index) => {
          expect(batch.id(index)).toBe(id);
          expect([...batch.vector(index)]).toEqual(vector.map((number) => Math.fround(number) + 0));
          expect(batch.metadata(index)).toBe(metadata && JSON.stringify(metadata));
        });
      }),
    );
  });

  it.each([
    ["{", "invalid_json"],
    [Buffer.from([0x7b, 0xff]), "invalid_json"],
    ["[]", "invalid_request"],
    ['{"items":[{"id":"a"}]}', "invalid_request"],
    [add({ id: 7, vector: [1, 2] }), "invalid_request"],
    [add({ id: "a", vector: ["1", 2] }), "invalid_request"],
    [add({ id: "a", vector: [null, 2] }), "invalid_request"],
    [add({ id: "a", vector: [1, 2], metadata: [] }), "invalid_request"],
    [add({ id: "a", vector: [1, 2], metadata: null }), "invalid_request"],
    [add({ id: "a", vector: [1, 2], metdata: {} }), "invalid_request"],
  ])("%s is refused as %s", (body, code) => {
    expect(refusal(body).code).toBe(code);
  });

  it("is refused where its metadata is nested past all use", () => {
    const deep = `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`;
    expect(refusal(`{"items":[{"id":"a","vector":[1,2],"metadata":${deep}}]}`)).toMatchObject({
      code: "invalid_request",
      details: [{ path: "items.0.metadata" }],
    });
  });

  it.each([
    ["an empty id", { id: "", vector: [1, 2] }],
    ["an id too long", { id: "x".repeat(257), vector: [1, 2] }],
    ["half a character", '{"id":"\\ud800","vector":[1,2]}'],
    ["another dimension", { id: "b", vector: [1, 2, 3] }],
    ["no number", { id: "b", vector: [] }],
    ["past float32", { id: "b", vector: [1, 1e39] }],
    ["past JSON's numbers", '{"id":"b","vector":[1,1e400]}'],
    ["zeros", { id: "b", vector: [0, 0] }],
    ["zeros in float32", { id: "b", vector: [1e-60, 0] }],
    ["an id twice", { id: "a", vector: [1, 2] }],
  ])("names the position of %s", (_what, item) => {
    const text = typeof item === "string" ? item : JSON.stringify(item);
    const error = refusal(`{"items":[{"id":"a","vector":[1,2]},${text}]}`);
    expect(error).toMatchObject({ code: "invalid_vector", details: { position: 1 } });
    expect(error.message).toMatch(/^items\[1\]: it/);
  });

  it("takes ids of 256 characters of any width", () => {
    const id = "😀".repeat(256);
    expect(new Batch(parseAdd(Buffer.from(add({ id, vector: [1, 2] })), kind, 1)[0]!).id(0)).toBe(id);
  });

  it("keeps metadata whose keys mean something to JavaScript", () => {
    const metadata = '{"__proto__":{"admin":true},"constructor":1}';
    const body = `{"items":[{"id":"a","vector":[1,2],"metadata":${metadata}}]}`;
    const batch = new Batch(parseAdd(Buffer.from(body), kind, 1)[0]!);
    expect(batch.metadata(0)).toBe(metadata);
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});

it("a body is dealt out to the shards, each item to its own", () => {
  const ids = Array.from({ length: 50 }, (_, i) => `w-${i}`);
  const items = ids.map((id, i) => ({ id, vector: [i + 1, 1], metadata: { i } }));
  for (const parts of [
    parseAdd(Buffer.from(add(...items)), kind, 3),
    parseDelete(Buffer.from(JSON.stringify({ ids })), 3),
  ]) {
    const found = parts.flatMap((bytes, shard) => {
      const batch = new Batch(bytes);
      return Array.from({ length: batch.count }, (_, index) => {
        const id = batch.id(index);
        expect(shardOf(id, 3)).toBe(shard);
        if (batch.operation === "add") {
          expect([...batch.vector(index), batch.metadata(index)]).toEqual([
            ids.indexOf(id) + 1,
            1,
            `{"i":${ids.indexOf(id)}}`,
          ]);
        }
        return id;
      });
    });
    expect(new Set(found)).toEqual(new Set(ids));
    expect(found).toHaveLength(50);
  }
});

describe("the body of a delete", () => {
  it("names each id once", () => {
    const batch = new Batch(parseDelete(Buffer.from('{"ids":["b","a","b"]}'), 1)[0]!);
    expect([batch.operation, batch.count, batch.id(0), batch.id(1)]).toEqual(["delete", 2, "b", "a"]);
  });

  it.each(["{}", '{"ids":"a"}', '{"ids":[1]}'])("refuses %s", (body) => {
    expect(() => parseDelete(Buffer.from(body), 1)).toThrow(LakehouseError);
  });
});

it("a batch whose lengths do not add up is damaged", () => {
  const bytes = encodeDelete(["a", "b"]);
  expect(() => new Batch(bytes.subarray(0, 16))).toThrow(/not as long/);
  expect(() => new Batch(bytes.subarray(0, 3))).toThrow(/not as long/);
  bytes[4] = 200;
  expect(() => new Batch(bytes)).toThrow(/not as long/);
});
