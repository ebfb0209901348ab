import { LakehouseError } from "@lakehouse/core";
import { expect, test } from "vitest";
import { breakingOff, bytesOf, getBytes, inChunks, listPages, MiB, putBytes } from "./bodies.ts";
import type { StoreUnderTest } from "./describe-object-store.ts";

export function atomicityTests({ store, leftovers, freshPrefix }: StoreUnderTest): void {
  // Within the first part of a multipart upload, and with some parts sent.
  test.each([0, 1_000, 21 * MiB])("an upload that breaks off after %i bytes leaves nothing", async (size) => {
    const prefix = freshPrefix();
    const error = new Error("The client went away.");
    await expect(store().put(`${prefix}new`, breakingOff(bytesOf(size), error))).rejects.toBe(error);
    expect(await listPages(store(), prefix)).toEqual([[]]);
    expect(await leftovers()).toEqual([]);
  });

  test.each([1_000, 21 * MiB])("an overwrite that breaks off after %i bytes leaves the old object", async (size) => {
    const key = `${freshPrefix()}object`;
    const etag = await putBytes(store(), key, bytesOf(50));
    await expect(store().put(key, breakingOff(bytesOf(size, 1), new Error("gone")))).rejects.toThrow("gone");
    expect(await getBytes(store(), key)).toEqual(bytesOf(50));
    expect((await store().head(key)).etag).toBe(etag);
    expect(await leftovers()).toEqual([]);
  });

  test.each([0, 1_000, 3 * MiB])(
    "a body of known length that breaks off after %i bytes leaves the old object",
    async (sent) => {
      const key = `${freshPrefix()}object`;
      await putBytes(store(), key, bytesOf(50));
      const error = new Error("The client went away.");
      const put = store().put(key, breakingOff(bytesOf(sent, 1), error), { size: 21 * MiB });
      await expect(put).rejects.toBe(error);
      expect(await getBytes(store(), key)).toEqual(bytesOf(50));
      expect(await leftovers()).toEqual([]);
    },
  );

  test.each([
    [1_000, 999],
    [1_000, 1_001],
    [9 * MiB, 9 * MiB - 1],
    [9 * MiB, 9 * MiB + 1],
  ])("a body that was said to have %i bytes, and has %i, leaves the old object", async (size, sent) => {
    const key = `${freshPrefix()}object`;
    await putBytes(store(), key, bytesOf(50));
    await expect(store().put(key, inChunks(bytesOf(sent, 1)), { size })).rejects.toThrow(`${size} bytes`);
    expect(await getBytes(store(), key)).toEqual(bytesOf(50));
    expect(await leftovers()).toEqual([]);
  });

  test("uploads that break off at once, many at a time, leave nothing", async () => {
    const prefix = freshPrefix();
    const uploads = Array.from({ length: 50 }, (_, index) =>
      store().put(`${prefix}folder-${index}/new`, breakingOff(Buffer.alloc(0), new Error("gone"))),
    );
    for (const upload of await Promise.allSettled(uploads))
      expect(upload).toMatchObject({ reason: { message: "gone" } });
    expect(await listPages(store(), prefix)).toEqual([[]]);
    expect(await leftovers()).toEqual([]);
  });

  test.each([{}, { size: 18 * MiB }])("an upload is not seen before it is complete: %j", async (options) => {
    const prefix = freshPrefix();
    async function* body() {
      yield bytesOf(9 * MiB);
      expect(await listPages(store(), prefix)).toEqual([[]]);
      await expect(store().head(`${prefix}object`)).rejects.toMatchObject({ code: "key_not_found" });
      yield bytesOf(9 * MiB);
    }
    await store().put(`${prefix}object`, body(), options);
    expect((await store().head(`${prefix}object`)).size).toBe(18 * MiB);
  });

  test("readers see one whole version while it is overwritten", async () => {
    const key = `${freshPrefix()}object`;
    const version = (index: number) => Buffer.alloc(700_000 + index, index);
    await putBytes(store(), key, version(0));
    let isWriting = true;
    const writer = (async () => {
      for (let index = 1; index <= 25; index++) await putBytes(store(), key, version(index));
      isWriting = false;
    })();
    let reads = 0;
    while (isWriting) {
      const seen = await getBytes(store(), key);
      expect(seen.equals(version(seen[0]!))).toBe(true);
      reads += 1;
    }
    await writer;
    expect(reads).toBeGreaterThan(0);
    expect((await getBytes(store(), key)).equals(version(25))).toBe(true);
  });

  test("of uploads to one key at once, one stays, whole", async () => {
    const key = `${freshPrefix()}object`;
    const versions = Array.from({ length: 6 }, (_, index) => bytesOf(200_000 + index, index));
    await Promise.all(versions.map((bytes) => store().put(key, inChunks(bytes))));
    const stayed = await getBytes(store(), key);
    expect(versions.some((bytes) => bytes.equals(stayed))).toBe(true);
    expect(await leftovers()).toEqual([]);
  });

  test("puts and deletes in one folder at once lose nothing that was acknowledged", async () => {
    const prefix = freshPrefix();
    await Promise.all(
      Array.from({ length: 8 }, async (_, lane) => {
        const key = `${prefix}folder/deep/${lane}`;
        for (let round = 0; round < 12; round++) {
          await untilAcknowledged(() => putBytes(store(), key, bytesOf(round)));
          if (round < 11) await untilAcknowledged(() => store().delete(key));
        }
      }),
    );
    expect((await listPages(store(), prefix)).flat()).toHaveLength(8);
  });

  test("sweeping leaves uploads that are under way, and objects, alone", async () => {
    const prefix = freshPrefix();
    async function* body() {
      yield bytesOf(10);
      await store().sweep();
      yield bytesOf(10);
    }
    await store().put(`${prefix}object`, body());
    await store().sweep();
    expect(await listPages(store(), prefix)).toEqual([[`${prefix}object`]]);
  });

  test("a store that works answers a ping", async () => {
    await expect(store().ping()).resolves.toBeUndefined();
  });
}

/**
 * MinIO denies one of a thousand PUTs whose folder a DELETE removes at that moment, and VersityGW takes it for a conflict
 * of names. Both say so, and nothing is stored.
 */
async function untilAcknowledged(operation: () => Promise<unknown>): Promise<void> {
  for (let triesLeft = 5; ; triesLeft--) {
    try {
      await operation();
      return;
    } catch (error) {
      const isRefusal = error instanceof LakehouseError && /^(storage_unavailable|key_conflict)$/.test(error.code);
      if (!isRefusal || triesLeft === 0) throw error;
    }
  }
}
