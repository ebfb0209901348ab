import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesOf, listPages, putBytes } from "./bodies.ts";
import type { StoreUnderTest } from "./describe-object-store.ts";
import { inKeyOrder, objectKeySets } from "./object-keys.ts";

export function listingTests({ store, freshPrefix, takesKey }: StoreUnderTest): void {
  test("an empty prefix has one empty page", async () => {
    expect(await store().list(freshPrefix(), { limit: 5 })).toEqual({ objects: [], next: undefined });
  });

  test("orders by UTF-8 bytes: a folder as the keys in it, U+FF5E before U+1F600", async () => {
    const prefix = freshPrefix();
    const ordered = ["a", "b!", "b/c", "b/d/e", "b0", "b00/a", "é", "～", "😀"].map((name) => prefix + name);
    for (const key of ordered.toReversed()) await putBytes(store(), key, bytesOf(1));
    expect(await listPages(store(), prefix)).toEqual([ordered]);
    expect(await listPages(store(), prefix, 2)).toEqual([
      ordered.slice(0, 2),
      ordered.slice(2, 4),
      ordered.slice(4, 6),
      ordered.slice(6, 8),
      ordered.slice(8),
    ]);
  });

  test("a page that ends with the last object says that there is no more", async () => {
    const prefix = freshPrefix();
    for (const name of ["a", "b", "c"]) await putBytes(store(), prefix + name, bytesOf(1));
    expect(await listPages(store(), prefix, 3)).toHaveLength(1);
    expect(await listPages(store(), prefix, 2)).toHaveLength(2);
  });

  test("a prefix is the start of a key, not a folder", async () => {
    const prefix = freshPrefix();
    for (const name of ["data/1", "data2/1", "dat", "other"]) await putBytes(store(), prefix + name, bytesOf(1));
    expect(await listPages(store(), `${prefix}dat`)).toEqual([[`${prefix}dat`, `${prefix}data/1`, `${prefix}data2/1`]]);
    expect(await listPages(store(), `${prefix}data/`)).toEqual([[`${prefix}data/1`]]);
    expect(await listPages(store(), `${prefix}data/1`)).toEqual([[`${prefix}data/1`]]);
    expect(await listPages(store(), `${prefix}data/1/`)).toEqual([[]]);
  });

  test("a prefix may end like a dot segment, which no key has", async () => {
    const prefix = freshPrefix();
    for (const name of ["a", ".b", "...c", "d/..e"]) await putBytes(store(), prefix + name, bytesOf(1));
    expect(await listPages(store(), `${prefix}.`)).toEqual([[`${prefix}...c`, `${prefix}.b`]]);
    expect(await listPages(store(), `${prefix}..`)).toEqual([[`${prefix}...c`]]);
    expect(await listPages(store(), `${prefix}d/..`, 1)).toEqual([[`${prefix}d/..e`]]);
  });

  test.each(["/", "a//", "../", "./", "a/../", "\u0000/", "a/\u0007/b", `${"x".repeat(300)}/`])(
    "nothing starts with %j, which no key can",
    async (prefix) => expect(await listPages(store(), prefix)).toEqual([[]]),
  );

  test("`after` need not be a key that is there", async () => {
    const prefix = freshPrefix();
    for (const name of ["a/1", "a/2", "b"]) await putBytes(store(), prefix + name, bytesOf(1));
    const following = async (after: string) =>
      (await store().list(prefix, { limit: 10, after: prefix + after })).objects.map(({ key }) =>
        key.slice(prefix.length),
      );
    expect(await following("a")).toEqual(["a/1", "a/2", "b"]);
    expect(await following("a/1")).toEqual(["a/2", "b"]);
    expect(await following("a/10")).toEqual(["a/2", "b"]);
    expect(await following("a0")).toEqual(["b"]);
    expect(await following("b")).toEqual([]);
  });

  test("pages of any size join to all keys in order, under any prefix", async () => {
    await fc.assert(
      fc.asyncProperty(objectKeySets, fc.integer({ min: 1, max: 6 }), fc.nat(), async (any, limit, pick) => {
        const names = any.filter(takesKey);
        const prefix = freshPrefix();
        for (const name of names) await putBytes(store(), prefix + name, bytesOf(1));
        const listed = prefix + startOf(names, pick);
        const pages = await listPages(store(), listed, limit);
        const wanted = inKeyOrder(names.map((name) => prefix + name).filter((key) => key.startsWith(listed)));
        expect(pages.flat()).toEqual(wanted);
        expect(pages.slice(0, -1).every((page) => page.length === limit)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
}

/** Some beginning of one of the names, cut between characters. */
function startOf(names: string[], pick: number): string {
  const characters = [...(names[pick % Math.max(names.length, 1)] ?? "")];
  return characters.slice(0, pick % (characters.length + 1)).join("");
}
