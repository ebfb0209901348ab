import type { RangeRequest } from "@lakehouse/core";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { bytesFound, bytesOf, getBytes, putBytes } from "./bodies.ts";
import type { StoreUnderTest } from "./describe-object-store.ts";

const size = 300;
const content = bytesOf(size, 7);

const requests: fc.Arbitrary<RangeRequest> = fc.oneof(
  fc.tuple(fc.nat(size + 20), fc.nat(size + 20)).map(([start, more]) => ({ start, end: start + more })),
  fc.record({ start: fc.nat(size + 20) }),
  fc.record({ suffix: fc.nat(size + 20) }),
);

export function rangeTests({ store, freshPrefix }: StoreUnderTest): void {
  const prefix = freshPrefix();
  beforeAll(async () => {
    await putBytes(store(), `${prefix}object`, content);
    await putBytes(store(), `${prefix}empty`, Buffer.alloc(0));
  });

  test("a range is the slice that it names, and says where it lies", async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (range) => {
        const wanted = slice(range);
        const result = store().get(`${prefix}object`, { range });
        if (wanted.length === 0) {
          await expect(result).rejects.toMatchObject({ code: "range_not_satisfiable", details: { size } });
          return;
        }
        const got = await result;
        if (got.status !== "found") throw new Error(`The range was answered with ${got.status}.`);
        expect(await bytesFound(got)).toEqual(wanted);
        const start = wanted.byteOffset - content.byteOffset;
        expect(got.range).toEqual({ start, end: start + wanted.length - 1 });
        expect(got.info.size).toBe(size);
      }),
    );
  });

  test("an empty object has no range, and is given whole without one", async () => {
    for (const range of [{ start: 0 }, { suffix: 5 }]) {
      const result = store().get(`${prefix}empty`, { range });
      await expect(result).rejects.toMatchObject({ code: "range_not_satisfiable", details: { size: 0 } });
    }
    expect(await getBytes(store(), `${prefix}empty`)).toHaveLength(0);
  });

  test("a range of what is not there is not found", async () => {
    const result = store().get(`${prefix}never`, { range: { start: 0 } });
    await expect(result).rejects.toMatchObject({ code: "key_not_found" });
  });
}

/** The oracle: what Buffer's own slicing makes of it. */
function slice(range: RangeRequest): Buffer {
  if ("suffix" in range) return range.suffix === 0 ? Buffer.alloc(0) : content.subarray(-range.suffix);
  return content.subarray(range.start, range.end === undefined ? undefined : range.end + 1);
}
