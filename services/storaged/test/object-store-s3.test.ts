import { randomUUID } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import {
  answerJson,
  bytesOf,
  describeObjectStore,
  eventually,
  findMinio,
  freePort,
  getBytes,
  inChunks,
  listPages,
  MiB,
  putBytes,
  type S3Server,
  startFakeUpstream,
  startMinio,
} from "@lakehouse/testing";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { openS3ObjectStore } from "../src/object-store-s3.ts";
import { createS3Client } from "../src/s3-client.ts";

const TIMEOUT_MS = 10_000;
const minio = findMinio();

function bucketAt(endpoint: string, bucket: string) {
  return { name: "primary", backend: "s3" as const, endpoint, region: "us-east-1", bucket, path_style: true };
}

async function makeBucket({ endpoint, credentials }: S3Server) {
  const config = bucketAt(endpoint, randomUUID());
  const client = createS3Client(config, credentials, TIMEOUT_MS);
  await client.send(new CreateBucketCommand({ Bucket: config.bucket }));
  return { config, client };
}

function openStore(config: ReturnType<typeof bucketAt>, credentials: S3Server["credentials"], timeoutMs = TIMEOUT_MS) {
  const store = openS3ObjectStore(config, credentials, timeoutMs);
  onTestFinished(() => store.close());
  return store;
}

/** Each operation of a store, none of which may hang, lie or be a fault of ours while its server is in trouble. */
async function expectUnavailable(store: ReturnType<typeof openStore>) {
  const results = await Promise.allSettled([
    putBytes(store, "a", bytesOf(10)),
    putBytes(store, "a", bytesOf(20 * MiB)),
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

const credentials = { access_key_id: "id", secret_access_key: "the-secret" };

test("a server that is not there is unavailable", async () => {
  await expectUnavailable(openStore(bucketAt(`http://127.0.0.1:${await freePort()}`, "b"), credentials));
});

test("a server that never answers is unavailable", async () => {
  await using silent = await startFakeUpstream(() => {});
  await expectUnavailable(openStore(bucketAt(silent.url, "b"), credentials, 300));
});

test("a server that answers something else is unavailable", async () => {
  await using other = await startFakeUpstream((_request, response) => answerJson(response, 502, { no: "S3" }));
  await expectUnavailable(openStore(bucketAt(other.url, "b"), credentials));
});

if (minio === undefined) {
  test("the contract on MinIO", (context) => {
    console.warn("NOT TESTED: the S3 adapter against a real server. There is no minio in .tools or on the PATH.");
    context.skip("no minio in .tools or on the PATH");
  });
} else {
  describeObjectStore("MinIO", async () => {
    const server = await startMinio(minio);
    const { config, client } = await makeBucket(server);
    const store = openS3ObjectStore(config, server.credentials, TIMEOUT_MS);
    return {
      store,
      leftovers: server.multipartUploads,
      close: async () => {
        await store.close();
        client.destroy();
        await server.close();
      },
    };
  });

  describe("on MinIO", () => {
    let server: S3Server;
    beforeAll(async () => {
      server = await startMinio(minio);
    });
    afterAll(() => server.close());

    test("wrong credentials are unavailable, and never shown", async () => {
      const { config } = await makeBucket(server);
      await expectUnavailable(openStore(config, credentials));
      await expectUnavailable(openStore(config, { ...server.credentials, secret_access_key: "the-secret" }));
      const refusal = await openStore(config, credentials).ping().catch(String);
      expect(refusal).not.toContain("the-secret");
    });

    test("a bucket that is missing is unavailable, not an object that is", async () => {
      await expectUnavailable(openStore(bucketAt(server.endpoint, "no-such-bucket"), server.credentials));
    });

    test("a page is filled from several answers of S3, and names that are no key are left out", async () => {
      const { config, client } = await makeBucket(server);
      const store = openStore(config, server.credentials);
      await client.send(new PutObjectCommand({ Bucket: config.bucket, Key: "many/", Body: Buffer.from("x") }));
      const keys = Array.from({ length: 2_100 }, (_, index) => `many/${String(index).padStart(4, "0")}`);
      for (let from = 0; from < keys.length; from += 50) {
        await Promise.all(keys.slice(from, from + 50).map((key) => putBytes(store, key, bytesOf(1))));
      }
      expect(await listPages(store, "", 10_000)).toEqual([keys]);
      expect(await listPages(store, "many/", 2_099)).toEqual([keys.slice(0, 2_099), keys.slice(2_099)]);
    });

    test("a server that dies during a PUT leaves no object; back again, it is used without a restart", async () => {
      const { config } = await makeBucket(server);
      const store = openStore(config, server.credentials);
      await putBytes(store, "old", bytesOf(50));
      async function* body() {
        yield* inChunks(bytesOf(20 * MiB));
        await server.kill();
        yield* inChunks(bytesOf(20 * MiB));
      }
      await expect(store.put("old", body())).rejects.toMatchObject({ code: "storage_unavailable" });
      await expect(store.ping()).rejects.toMatchObject({ code: "storage_unavailable" });
      await server.restart();
      await eventually("the store is back", async () => store.ping().then(() => true));
      expect(await getBytes(store, "old")).toEqual(bytesOf(50));
      await putBytes(store, "new", bytesOf(20 * MiB));
      expect(await listPages(store, "")).toEqual([["new", "old"]]);
    });

    test("a server that dies during a GET breaks the body off", async () => {
      const { config } = await makeBucket(server);
      const store = openStore(config, server.credentials);
      await putBytes(store, "object", bytesOf(64 * MiB));
      const result = await store.get("object");
      if (result.status !== "found") throw new Error(result.status);
      await server.kill();
      await expect(buffer(result.body)).rejects.toThrow();
      await server.restart();
      expect((await getBytes(store, "object")).equals(bytesOf(64 * MiB))).toBe(true);
    });
  });
}
