import { expect, test } from "vitest";
import { bytesOf, getBytes, putBytes } from "./bodies.ts";
import type { StoreUnderTest } from "./describe-object-store.ts";

export function conditionTests({ store, freshPrefix }: StoreUnderTest): void {
  test("an object that the caller holds is not sent again", async () => {
    const key = `${freshPrefix()}object`;
    const etag = await putBytes(store(), key, bytesOf(10));
    for (const ifNoneMatch of [[etag], ['"other"', etag], "*"] as const) {
      expect(await store().get(key, { ifNoneMatch })).toMatchObject({
        status: "not_modified",
        info: { key, etag },
      });
    }
    for (const ifNoneMatch of [['"other"'], []]) {
      expect(await getBytes(store(), key, { ifNoneMatch })).toEqual(bytesOf(10));
    }
  });

  test("an object that has changed is sent", async () => {
    const key = `${freshPrefix()}object`;
    const old = await putBytes(store(), key, bytesOf(10, 1));
    await putBytes(store(), key, bytesOf(10, 2));
    expect(await getBytes(store(), key, { ifNoneMatch: [old] })).toEqual(bytesOf(10, 2));
  });

  test("a condition on what is not there is not found", async () => {
    const result = store().get(`${freshPrefix()}object`, { ifNoneMatch: "*" });
    await expect(result).rejects.toMatchObject({ code: "key_not_found" });
  });

  test("a range counts only for the version that it was asked of", async () => {
    const key = `${freshPrefix()}object`;
    const range = { start: 2, end: 4 };
    const old = await putBytes(store(), key, bytesOf(10, 1));
    expect(await getBytes(store(), key, { range, ifRange: old })).toEqual(bytesOf(10, 1).subarray(2, 5));
    await putBytes(store(), key, bytesOf(3, 2));
    expect(await getBytes(store(), key, { range, ifRange: old })).toEqual(bytesOf(3, 2));
    // Not even where the new version has no such bytes.
    expect(await getBytes(store(), key, { range: { start: 8 }, ifRange: old })).toEqual(bytesOf(3, 2));
  });
}
