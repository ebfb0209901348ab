import { KEY_BYTES_MAX } from "@lakehouse/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesFound, bytesOf, getBytes, inChunks, listPages, MiB, putBytes } from "./bodies.ts";
import type { StoreUnderTest } from "./describe-object-store.ts";
import { objectKeys } from "./object-keys.ts";

export function roundTripTests({ store, freshPrefix, takesKey }: StoreUnderTest): void {
  // Around the part size of multipart uploads (8 MiB), and several parts.
  test.each([0, 1, 65_537, 8 * MiB - 1, 8 * MiB, 8 * MiB + 1, 21 * MiB])(
    "gives back the %i bytes it was given",
    async (size) => {
      const key = `${freshPrefix()}object`;
      const bytes = bytesOf(size);
      const result = await store().put(key, inChunks(bytes));
      expect(result).toEqual({ key, size, etag: expect.stringMatching(/^"[^"]+"$/) });
      expect((await getBytes(store(), key)).equals(bytes)).toBe(true);
      const again = bytesOf(size, 1);
      expect(await store().put(key, inChunks(again), { size })).toMatchObject({ key, size });
      expect((await getBytes(store(), key)).equals(again)).toBe(true);
    },
  );

  test("tells the same of an object in put, get, head and list", async () => {
    const prefix = freshPrefix();
    const key = `${prefix}object`;
    const before = Date.now();
    const put = await store().put(key, inChunks(bytesOf(1_000)));
    const info = await store().head(key);
    expect(info).toEqual({ ...put, last_modified: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) });
    // HTTP dates have whole seconds, and clocks of two machines differ a little.
    expect(Math.abs(Date.parse(info.last_modified) - before)).toBeLessThan(60_000);
    const got = await store().get(key);
    if (got.status !== "found") throw new Error(`The object was answered with ${got.status}.`);
    expect(await bytesFound(got)).toEqual(bytesOf(1_000));
    expect(Math.abs(Date.parse(got.info.last_modified) - Date.parse(info.last_modified))).toBeLessThan(1_000);
    expect({ ...got.info, last_modified: info.last_modified }).toEqual(info);
    const listed = (await store().list(prefix, { limit: 10 })).objects;
    expect(listed.map((object) => ({ ...object, last_modified: info.last_modified }))).toEqual([info]);
  });

  test("another content has another ETag", async () => {
    const key = `${freshPrefix()}object`;
    const etags = new Set<string>();
    for (const text of ["one", "two", "three", "four", "five"])
      etags.add(await putBytes(store(), key, Buffer.from(text)));
    expect(etags.size).toBe(5);
    expect((await getBytes(store(), key)).toString()).toBe("five");
  });

  test("what was never put is not found", async () => {
    const key = `${freshPrefix()}object`;
    await expect(store().get(key)).rejects.toMatchObject({ code: "key_not_found" });
    await expect(store().head(key)).rejects.toMatchObject({ code: "key_not_found" });
  });

  test("a folder is not an object", async () => {
    const prefix = freshPrefix();
    await putBytes(store(), `${prefix}folder/object`, bytesOf(1));
    await expect(store().get(`${prefix}folder`)).rejects.toMatchObject({ code: "key_not_found" });
    await expect(store().head(`${prefix}folder`)).rejects.toMatchObject({ code: "key_not_found" });
    await store().delete(`${prefix}folder`);
    expect(await listPages(store(), prefix)).toEqual([[`${prefix}folder/object`]]);
  });

  test("nothing stands below an object", async () => {
    const key = `${freshPrefix()}object`;
    await putBytes(store(), key, bytesOf(1));
    await expect(store().get(`${key}/below`)).rejects.toMatchObject({ code: "key_not_found" });
    await store().delete(`${key}/below`);
    expect(await getBytes(store(), key)).toEqual(bytesOf(1));
  });

  test("a delete removes the object, leaves its neighbours, and may be repeated", async () => {
    const prefix = freshPrefix();
    for (const name of ["a", "a-", "b/c"]) await putBytes(store(), prefix + name, bytesOf(1));
    for (const name of ["a", "b/c", "a", "never/was"]) await store().delete(prefix + name);
    expect(await listPages(store(), prefix)).toEqual([[`${prefix}a-`]]);
    await expect(store().get(`${prefix}a`)).rejects.toMatchObject({ code: "key_not_found" });
  });

  test("a folder that a delete emptied can become an object, and the reverse", async () => {
    const prefix = freshPrefix();
    await putBytes(store(), `${prefix}x/y/z`, bytesOf(1));
    await store().delete(`${prefix}x/y/z`);
    await putBytes(store(), `${prefix}x`, bytesOf(2));
    await store().delete(`${prefix}x`);
    await putBytes(store(), `${prefix}x/y`, bytesOf(3));
    expect(await listPages(store(), prefix)).toEqual([[`${prefix}x/y`]]);
  });

  test("any key keeps its object to itself", async () => {
    await fc.assert(
      fc.asyncProperty(objectKeys.filter(takesKey), fc.uint8Array({ maxLength: 40 }), async (name, bytes) => {
        const prefix = freshPrefix();
        await putBytes(store(), prefix + name, bytes);
        expect(await getBytes(store(), prefix + name)).toEqual(Buffer.from(bytes));
        expect(await listPages(store(), prefix)).toEqual([[prefix + name]]);
        await store().delete(prefix + name);
        expect(await listPages(store(), prefix)).toEqual([[]]);
      }),
      { numRuns: 60 },
    );
  });

  test("holds the longest key", async () => {
    const prefix = freshPrefix();
    const folders = `${prefix}${`${"é".repeat(100)}/`.repeat(4)}`;
    const key = folders + "x".repeat(KEY_BYTES_MAX - Buffer.byteLength(folders));
    expect(Buffer.byteLength(key)).toBe(KEY_BYTES_MAX);
    await putBytes(store(), key, bytesOf(9));
    expect(await getBytes(store(), key)).toEqual(bytesOf(9));
    expect(await listPages(store(), prefix)).toEqual([[key]]);
  });
}
