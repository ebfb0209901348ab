import type { ObjectStore } from "@lakehouse/core";
import {
  answerJson,
  breakingOff,
  bytesFound,
  bytesOf,
  describeS3Servers,
  eventually,
  freePort,
  getBytes,
  inChunks,
  listPages,
  MiB,
  makeS3Bucket,
  putBytes,
  s3BucketAt,
  startFakeUpstream,
} from "@lakehouse/testing";
import { expect, test } from "vitest";
import { openStore, temporaryNotes } from "./open-s3-store.ts";

const foreign = { access_key_id: "id", secret_access_key: "the-secret" };
const SHORT_MS = 400;

test("a server that is not there is unavailable", async () => {
  await expectUnavailable(await openStore(s3BucketAt(`http://127.0.0.1:${await freePort()}`, "b"), foreign));
});

test("a server that never answers is unavailable", async () => {
  await using silent = await startFakeUpstream(() => {});
  await expectUnavailable(await openStore(s3BucketAt(silent.url, "b"), foreign, { timeoutMs: SHORT_MS }));
});

test("a server that answers something else is unavailable", async () => {
  await using other = await startFakeUpstream((_request, response) => answerJson(response, 502, { no: "S3" }));
  await expectUnavailable(await openStore(s3BucketAt(other.url, "b"), foreign));
});

test("a server that quotes what it was sent in place of an error code is unavailable, and not quoted", async () => {
  await using other = await startFakeUpstream(({ headers }, response) => {
    const words = `no access for ${headers.authorization}`;
    response.writeHead(403).end(`<Error><Code>${words}</Code><Message>${words}</Message></Error>`);
  });
  const store = await openStore(s3BucketAt(other.url, "b"), { ...foreign, access_key_id: "hush-id" });
  const error = await putBytes(store, "k", bytesOf(5)).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "storage_unavailable", message: expect.stringContaining("HTTP 403") });
  expect((error as Error).message).not.toMatch(/hush|no access/);
});

describeS3Servers((server) => {
  test("wrong credentials are unavailable, and never shown", async () => {
    const config = await makeS3Bucket(server());
    const { access_key_id } = server().credentials;
    await expectUnavailable(await openStore(config, foreign));
    await expectUnavailable(await openStore(config, { ...foreign, access_key_id }));
    const refusal = await (await openStore(config, foreign)).ping().catch(String);
    expect(refusal).not.toContain("the-secret");
  });

  test("a bucket that is missing is unavailable, not an object that is", async () => {
    await expectUnavailable(await openStore(s3BucketAt(server().endpoint, "no-such-bucket"), server().credentials));
  });

  test("a server that dies during a PUT leaves no object; back again, it is used without a restart", async () => {
    const store = await openStore(await makeS3Bucket(server()), server().credentials);
    await putBytes(store, "old", bytesOf(50));
    async function* body() {
      yield* inChunks(bytesOf(20 * MiB));
      await server().kill();
      yield* inChunks(bytesOf(20 * MiB));
    }
    await expect(store.put("old", body())).rejects.toMatchObject({ code: "storage_unavailable" });
    await expectUnavailable(store);
    await server().restart();
    await eventually("the store is back", async () => store.ping().then(() => true));
    expect(await getBytes(store, "old")).toEqual(bytesOf(50));
    await putBytes(store, "new", bytesOf(20 * MiB));
    expect(await listPages(store, "")).toEqual([["new", "old"]]);
    expect(await server().multipartUploads()).toHaveLength(1);
    await store.sweep();
    expect(await server().multipartUploads()).toEqual([]);
  });

  test("a server that dies during a PUT of known length leaves the old object, and no part", async () => {
    const store = await openStore(await makeS3Bucket(server()), server().credentials);
    await putBytes(store, "old", bytesOf(50));
    async function* body() {
      yield* inChunks(bytesOf(20 * MiB));
      await server().kill();
      yield* inChunks(bytesOf(20 * MiB));
    }
    const put = store.put("old", body(), { size: 40 * MiB });
    await expect(put).rejects.toMatchObject({ code: "storage_unavailable" });
    await server().restart();
    await eventually("the store is back", async () => store.ping().then(() => true));
    expect(await getBytes(store, "old")).toEqual(bytesOf(50));
    expect(await server().multipartUploads()).toEqual([]);
  });

  test("a server that stands still in the middle of a PUT of known length is unavailable", async () => {
    const store = await openStore(await makeS3Bucket(server()), server().credentials, { timeoutMs: SHORT_MS });
    async function* body() {
      yield* inChunks(bytesOf(2 * MiB));
      server().freeze();
      for (;;) yield bytesOf(MiB);
    }
    try {
      const put = store.put("new", body(), { size: 4_000 * MiB });
      await expect(put).rejects.toMatchObject({ code: "storage_unavailable" });
    } finally {
      server().thaw();
    }
    await eventually("it is gone", async () => (await listPages(store, "")).flat().length === 0);
  });

  test("a server that dies during a GET breaks the body off", async () => {
    const store = await openStore(await makeS3Bucket(server()), server().credentials);
    await putBytes(store, "object", bytesOf(64 * MiB));
    const result = await store.get("object");
    await server().kill();
    await expect(bytesFound(result)).rejects.toThrow();
    await server().restart();
    expect((await getBytes(store, "object")).equals(bytesOf(64 * MiB))).toBe(true);
  });

  test("parts that could not be removed, since the server was gone, are removed by the next sweep", async () => {
    const config = await makeS3Bucket(server());
    const notesFolder = await temporaryNotes();
    const store = await openStore(config, server().credentials, { notesFolder });
    async function* body() {
      yield* inChunks(bytesOf(20 * MiB));
      await server().kill();
      yield* breakingOff(bytesOf(MiB), new Error("The client went away too."));
    }
    await expect(store.put("half", body())).rejects.toThrow();
    await server().restart();
    const next = await openStore(config, server().credentials, { notesFolder });
    await eventually("the store is back", async () => next.ping().then(() => true));
    expect(await server().multipartUploads()).toHaveLength(1);
    await next.sweep();
    expect(await server().multipartUploads()).toEqual([]);
    await next.sweep();
  });

  test("a server that stands still is unavailable after the time it has, and is used once it goes on", async () => {
    const config = await makeS3Bucket(server());
    const patient = await openStore(config, server().credentials);
    const store = await openStore(config, server().credentials, { timeoutMs: SHORT_MS });
    await putBytes(patient, "old", bytesOf(50));
    server().freeze();
    try {
      await expectUnavailable(store);
    } finally {
      server().thaw();
    }
    await eventually("the store writes again", () => putBytes(store, "new", bytesOf(20 * MiB)));
    expect(await getBytes(patient, "old")).toEqual(bytesOf(50));
  });

  test("a server that stands still in the middle of a GET breaks the body off", async () => {
    const config = await makeS3Bucket(server());
    const store = await openStore(config, server().credentials, { timeoutMs: SHORT_MS });
    await putBytes(await openStore(config, server().credentials), "object", bytesOf(64 * MiB));
    const result = await eventually("it begins", () => store.get("object"));
    server().freeze();
    try {
      await expect(bytesFound(result)).rejects.toThrow();
    } finally {
      server().thaw();
    }
  });
});

/** Each operation of a store, none of which may hang, lie or be a fault of ours while its server is in trouble. */
async function expectUnavailable(store: ObjectStore): Promise<void> {
  const results = await Promise.allSettled([
    putBytes(store, "a", bytesOf(10)),
    putBytes(store, "a", bytesOf(20 * MiB)),
    store.put("a", inChunks(bytesOf(10)), { size: 10 }),
    store.put("a", inChunks(bytesOf(20 * MiB)), { size: 20 * MiB }),
    store.get("a"),
    store.get("a", { range: { start: 0 } }),
    store.get("a", { ifNoneMatch: "*" }),
    store.head("a"),
    store.delete("a"),
    store.list("", { limit: 10 }),
    store.ping(),
  ]);
  for (const result of results) {
    expect(result).toMatchObject({ status: "rejected", reason: { code: "storage_unavailable" } });
  }
}
